import { useState, type ReactNode } from 'react';
import { useTexts } from '../../../text/texts.ts';
import { Field, Input, Textarea } from '../../../ui/field.tsx';
import { formErrorsOf } from '../../stores/model/field-errors.ts';
import { FormDialog } from '../parts/form-dialog.tsx';
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
  readonly cluster?: ClusterSettings;
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
    <FormDialog
      title={title}
      description={description}
      closeLabel={t.close}
      saveLabel={saveLabel}
      pending={pending}
      error={rest}
      onClose={onClose}
      onSubmit={save}
    >
      {cluster === undefined && (
        <Field label={t.name} hint={t.nameHint} error={isSent && name.trim() === '' ? t.nameError : fields['name']}>
          <Input autoComplete="off" spellCheck={false} value={name} onChange={(event) => setName(event.target.value)} />
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
    </FormDialog>
  );
}
