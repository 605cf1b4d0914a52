import { AlertDialog as Radix } from 'radix-ui';
import { useState, type ReactNode } from 'react';
import { defineTexts, useTexts } from '../text/texts.ts';
import { Button } from './button.tsx';
import { OVERLAY, useReturnFocus } from './dialog.tsx';
import { Field, Input } from './field.tsx';

const TEXTS = defineTexts({
  en: { cancel: 'Cancel', type: (word: string) => `Type “${word}” to confirm` },
  de: { cancel: 'Abbrechen', type: (word: string) => `Geben Sie zur Bestätigung „${word}“ ein` },
});

export interface ConfirmDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  /** The consequences of the action. It says whether the action can be undone. */
  readonly description: ReactNode;
  /** The action, as a verb: "Delete store". */
  readonly confirmLabel: string;
  readonly tone?: 'neutral' | 'danger';
  /** The text that a person must type first, such as the name of the store. */
  readonly typeToConfirm?: string;
  readonly pending?: boolean;
  /** The dialog stays open until the caller closes it. */
  readonly onConfirm: () => void;
  /** More fields, such as options of the action, or an error. */
  readonly children?: ReactNode;
}

/** Asks before an action that cannot be undone or has a price. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { open, onOpenChange } = props;
  const focus = useReturnFocus();
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={OVERLAY} />
        <Radix.Content
          {...focus}
          className="fixed top-1/2 left-1/2 z-50 flex max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] max-w-md -translate-x-1/2 -translate-y-1/2 flex-col rounded-lg border border-line-strong bg-raised"
        >
          <ConfirmForm {...props} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function ConfirmForm({
  title,
  description,
  confirmLabel,
  tone = 'danger',
  typeToConfirm,
  pending = false,
  onConfirm,
  children,
}: ConfirmDialogProps) {
  const t = useTexts(TEXTS);
  const [typed, setTyped] = useState('');
  const isConfirmed = typeToConfirm === undefined || typed.trim() === typeToConfirm.trim();
  return (
    <form
      className="flex min-h-0 flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        if (isConfirmed && !pending) onConfirm();
      }}
    >
      <div className="grid min-h-0 gap-4 overflow-y-auto p-4">
        <div className="grid gap-1">
          <Radix.Title className="text-base font-semibold">{title}</Radix.Title>
          <Radix.Description asChild>
            <div className="text-sm text-muted">{description}</div>
          </Radix.Description>
        </div>
        {children}
        {typeToConfirm !== undefined && (
          <Field label={t.type(typeToConfirm)}>
            <Input value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" />
          </Field>
        )}
      </div>
      <footer className="flex flex-wrap justify-end gap-2 border-t border-line px-4 py-3">
        <Radix.Cancel asChild>
          <Button>{t.cancel}</Button>
        </Radix.Cancel>
        <Button
          type="submit"
          variant={tone === 'danger' ? 'danger' : 'primary'}
          pending={pending}
          disabled={!isConfirmed}
        >
          {confirmLabel}
        </Button>
      </footer>
    </form>
  );
}
