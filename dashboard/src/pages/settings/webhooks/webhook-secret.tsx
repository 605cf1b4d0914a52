import { useTexts } from '../../../text/texts.ts';
import { Button } from '../../../ui/button.tsx';
import { SecretOnce } from '../shared/secret-once.tsx';
import { WEBHOOK_TEXTS } from './texts.ts';

/** The secret of a webhook, in a dialog. */
export function WebhookSecret({
  secret,
  isRotated = false,
  onDone,
}: {
  readonly secret: string;
  /** The secret replaces a former one. */
  readonly isRotated?: boolean;
  readonly onDone: () => void;
}) {
  const t = useTexts(WEBHOOK_TEXTS).made;
  return (
    <div className="grid gap-4">
      <SecretOnce label={t.label} value={secret} note={isRotated ? t.overlap : t.note} />
      <div className="flex justify-end">
        <Button variant="primary" onClick={onDone}>
          {t.done}
        </Button>
      </div>
    </div>
  );
}
