import { useId, useState, type ReactNode } from 'react';
import { useTexts } from '../../../text/texts.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Field, Input, Textarea } from '../../../ui/field.tsx';
import { formErrorsOf } from '../../stores/model/field-errors.ts';
import { isLimit, limitOf } from '../parts/limit.ts';
import { labelsAsText, labelsFromText } from './labels.ts';
import { CLUSTER_TEXTS } from './texts.ts';

/** The fields of the form. */
export interface ClusterSettings {
  readonly name: string;
  /** Null: no limit. */
  readonly capacity: number | null;
  readonly labels: Record<string, string>;
}

interface ClusterDialogProps {
  readonly title: string;
  readonly description?: ReactNode;
  readonly saveLabel: string;
  /** The cluster as it is. Undefined: a new one, whose name the operator enters. */
  readonly cluster?: {
    readonly name: string;
    readonly capacity: number | null;
    readonly labels: Record<string, string>;
  };
  readonly error: unknown;
  readonly pending: boolean;
  readonly onSave: (settings: ClusterSettings) => void;
  readonly onClose: () => void;
}

/** The form of a new cluster, or of one that exists. */
export function ClusterDialog({
  title,
  description,
  saveLabel,
  cluster,
  error,
  pending,
  onSave,
  onClose,
}: ClusterDialogProps) {
  const t = useTexts(CLUSTER_TEXTS);
  const formId = useId();
  const [name, setName] = useState(cluster?.name ?? '');
  const [capacity, setCapacity] = useState(cluster?.capacity?.toString() ?? '');
  const [labels, setLabels] = useState(() => labelsAsText(cluster?.labels ?? {}));
  const [isSent, setSent] = useState(false);
  const parsed = labelsFromText(labels);
  const { fields, rest } = formErrorsOf(error, ['name', 'capacity', 'labels']);
  function save(): void {
    setSent(true);
    if (name.trim() === '' || !isLimit(capacity) || parsed === undefined) return;
    onSave({ name: name.trim(), capacity: limitOf(capacity), labels: parsed });
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={title}
      description={description}
      closeLabel={t.close}
      footer={
        <Button type="submit" form={formId} variant="primary" pending={pending}>
          {saveLabel}
        </Button>
      }
    >
      <form
        id={formId}
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        {cluster === undefined && (
          <Field label={t.name} hint={t.nameHint} error={isSent && name.trim() === '' ? t.nameError : fields['name']}>
            <Input
              autoComplete="off"
              spellCheck={false}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          </Field>
        )}
        <Field
          label={t.capacity}
          hint={t.capacityHint}
          error={isSent && !isLimit(capacity) ? t.capacityError : fields['capacity']}
        >
          <Input
            inputMode="numeric"
            autoComplete="off"
            value={capacity}
            onChange={(event) => setCapacity(event.target.value)}
          />
        </Field>
        <Field
          label={t.labels}
          hint={t.labelsHint}
          error={isSent && parsed === undefined ? t.labelsError : fields['labels']}
        >
          <Textarea value={labels} onChange={(event) => setLabels(event.target.value)} spellCheck={false} />
        </Field>
        {rest !== undefined && <ErrorPanel error={rest} />}
      </form>
    </Dialog>
  );
}
