import type { Cluster } from '@store-platform/client';
import { useId, useState } from 'react';
import { useTexts } from '../../../text/texts.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Field, Input, Textarea } from '../../../ui/field.tsx';
import { formErrorsOf } from '../../stores/model/field-errors.ts';
import { isLimit, limitOf } from '../parts/limit.ts';
import { labelsAsText, labelsFromText } from './labels.ts';
import { CLUSTER_TEXTS } from './texts.ts';
import { useClusterChange } from './use-cluster-change.ts';

/** Changes the capacity and the labels of a cluster. */
export function EditClusterDialog({ cluster, onClose }: { readonly cluster: Cluster; readonly onClose: () => void }) {
  const t = useTexts(CLUSTER_TEXTS);
  const formId = useId();
  const change = useClusterChange(cluster.name);
  const [capacity, setCapacity] = useState(cluster.capacity?.toString() ?? '');
  const [labels, setLabels] = useState(() => labelsAsText(cluster.labels));
  const [isSent, setSent] = useState(false);
  const parsed = labelsFromText(labels);
  const { fields, rest } = formErrorsOf(change.error, ['capacity', 'labels']);
  function save(): void {
    setSent(true);
    if (!isLimit(capacity) || parsed === undefined) return;
    change.mutate({ capacity: limitOf(capacity), labels: parsed }, { onSuccess: onClose });
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t.editTitle(cluster.name)}
      closeLabel={t.close}
      footer={
        <Button type="submit" form={formId} variant="primary" pending={change.isPending}>
          {t.save}
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
