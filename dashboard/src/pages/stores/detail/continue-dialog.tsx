import { useState } from 'react';
import { useTexts } from '../../../text/texts.ts';
import { Button } from '../../../ui/button.tsx';
import { Checkbox } from '../../../ui/checkbox.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Field, Textarea } from '../../../ui/field.tsx';
import { formErrorsOf } from '../model/field-errors.ts';
import { ACTION_TEXTS } from './action-texts.ts';

type Overrides = Readonly<Record<string, unknown>>;

const EXAMPLE = '{ "db": { "resources": { "limits": { "memory": "512Mi" } } } }';

/** Continues a held provision, with other chart values if the person wants. */
export function ContinueDialog({
  pending,
  error,
  onClose,
  onContinue,
}: {
  readonly pending: boolean;
  readonly error: unknown;
  readonly onClose: () => void;
  readonly onContinue: (overrides: Overrides | undefined) => void;
}) {
  const t = useTexts(ACTION_TEXTS);
  const [hasChange, setHasChange] = useState(false);
  const [text, setText] = useState('');
  const [isSent, setSent] = useState(false);
  const overrides = objectOf(text);
  const { fields, rest } = formErrorsOf(error, ['overrides']);
  const isWrong = hasChange && overrides === undefined;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t.continueTitle}
      description={t.continueHint}
      closeLabel={t.close}
      footer={
        <Button
          variant="primary"
          icon="play"
          pending={pending}
          onClick={() => {
            setSent(true);
            if (!isWrong) onContinue(hasChange ? overrides : undefined);
          }}
        >
          {t.continue}
        </Button>
      }
    >
      <div className="grid gap-4">
        <Checkbox label={t.change} checked={hasChange} onChange={(event) => setHasChange(event.target.checked)} />
        {hasChange && (
          <Field label={t.values} hint={t.valuesHint} error={isSent && isWrong ? t.notJson : fields['overrides']}>
            <Textarea
              value={text}
              onChange={(event) => setText(event.target.value)}
              placeholder={EXAMPLE}
              spellCheck={false}
              rows={6}
              className="font-mono text-xs"
            />
          </Field>
        )}
        {rest !== undefined && <ErrorPanel error={rest} />}
      </div>
    </Dialog>
  );
}

/** Returns the JSON object that a text contains, or undefined. */
function objectOf(text: string): Overrides | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Overrides) : undefined;
  } catch {
    return undefined;
  }
}
