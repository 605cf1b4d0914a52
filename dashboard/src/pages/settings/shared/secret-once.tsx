import { useEffect, useRef } from 'react';
import { defineTexts, useTexts } from '../../../text/texts.ts';
import { CopyButton } from '../../../ui/copy-button.tsx';
import { Icon } from '../../../ui/icon.tsx';

const TEXTS = defineTexts({
  en: { copy: 'Copy', once: 'This is shown only now. Store it in a safe place before you close this window.' },
  de: {
    copy: 'Kopieren',
    once: 'Das wird nur jetzt angezeigt. Bewahren Sie es an einem sicheren Ort auf, bevor Sie dieses Fenster schließen.',
  },
});

/** Shows a secret that no other response contains. The field has the focus, so that screen readers read it. */
export function SecretOnce({
  label,
  value,
  note,
}: {
  readonly label: string;
  readonly value: string;
  /** The rights that the secret gives. */
  readonly note: string;
}) {
  const t = useTexts(TEXTS);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  return (
    <div className="grid gap-3">
      <p className="flex gap-2 rounded-md border border-warning-line bg-warning-soft p-3 text-sm">
        <Icon name="warning" className="mt-0.5 text-warning" />
        <span>
          <strong className="font-semibold">{t.once}</strong> {note}
        </span>
      </p>
      <label className="grid gap-1.5 text-sm font-medium">
        {label}
        <input
          ref={field}
          readOnly
          value={value}
          onFocus={(event) => event.currentTarget.select()}
          spellCheck={false}
          className="h-9 w-full rounded-md border border-line-control bg-canvas px-2.5 font-mono text-xs font-normal"
        />
      </label>
      <div>
        <CopyButton text={value} label={t.copy} isSquare={false} size="md" />
      </div>
    </div>
  );
}
