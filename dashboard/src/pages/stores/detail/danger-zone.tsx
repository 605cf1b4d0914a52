import { useState } from 'react';
import { useSession } from '../../../api/session.tsx';
import { useTexts } from '../../../text/texts.ts';
import { Button } from '../../../ui/button.tsx';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Field, Input } from '../../../ui/field.tsx';
import { Panel } from '../../../ui/panel.tsx';
import { Select } from '../../../ui/select.tsx';
import { useDecision } from '../data/store-actions.ts';
import type { VersionedStore } from '../data/store.ts';
import { DEFAULT_DELETE, planOf, type DeleteForm } from '../model/delete-plan.ts';
import { LABELS } from '../texts/labels.ts';
import { ACTION_TEXTS } from './action-texts.ts';

/** Deletes the store after the person has typed its name. Shows nothing if the store or the role does not allow it. */
export function DangerZone({ store }: { readonly store: VersionedStore }) {
  const t = useTexts(ACTION_TEXTS);
  const session = useSession();
  const [isAsked, setAsked] = useState(false);
  if (!store.allowedActions.includes('delete') || !session.can('deleteStore')) return null;
  return (
    <Panel title={t.danger} tone="danger">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <div>
          <p className="font-medium">{t.deleteTitle}</p>
          <p className="text-muted">{store.readyAt === null ? t.deleteNever : t.deleteHint}</p>
        </div>
        <Button variant="danger" icon="trash" onClick={() => setAsked(true)}>
          {t.deleteOpen}
        </Button>
      </div>
      {isAsked && <DeleteDialog store={store} onClose={() => setAsked(false)} />}
    </Panel>
  );
}

function DeleteDialog({ store, onClose }: { readonly store: VersionedStore; readonly onClose: () => void }) {
  const t = useTexts(ACTION_TEXTS);
  const labels = useTexts(LABELS);
  const [form, setForm] = useState(DEFAULT_DELETE);
  const decision = useDecision(store);
  const plan = planOf(form);
  const hasData = store.readyAt !== null;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t.deleteConfirmTitle(store.name)}
      description={hasData ? t.deleteReady : t.deleteNever}
      confirmLabel={labels.action.delete}
      typeToConfirm={store.name}
      pending={decision.isPending}
      onConfirm={() => {
        if (plan !== undefined) decision.mutate({ action: 'delete', plan }, { onSuccess: onClose });
      }}
    >
      {hasData && <DeleteOptions form={form} onChange={setForm} />}
      {decision.error !== null && <ErrorPanel error={decision.error} />}
    </ConfirmDialog>
  );
}

function DeleteOptions({
  form,
  onChange,
}: {
  readonly form: DeleteForm;
  readonly onChange: (form: DeleteForm) => void;
}) {
  const t = useTexts(ACTION_TEXTS);
  const isWrong = planOf(form) === undefined;
  const row = 'grid gap-3 sm:grid-cols-[minmax(0,1fr)_6rem]';
  return (
    <>
      <div className={row}>
        <Field label={t.window}>
          <Select
            value={form.window}
            onChange={(window) => onChange({ ...form, window })}
            options={(['default', 'none', 'hours'] as const).map((value) => ({ value, label: t.windows[value] }))}
          />
        </Field>
        {form.window === 'hours' && (
          <Field
            label={t.hours}
            error={isWrong && planOf({ ...form, volumes: 'store' }) === undefined ? t.hoursError : undefined}
          >
            <Input
              inputMode="numeric"
              value={form.hours}
              onChange={(event) => onChange({ ...form, hours: event.target.value })}
            />
          </Field>
        )}
      </div>
      <div className={row}>
        <Field label={t.volumes}>
          <Select
            value={form.volumes}
            onChange={(volumes) => onChange({ ...form, volumes })}
            options={(['store', 'delete', 'keep', 'days'] as const).map((value) => ({
              value,
              label: t.volumeChoices[value],
            }))}
          />
        </Field>
        {form.volumes === 'days' && (
          <Field
            label={t.days}
            error={isWrong && planOf({ ...form, window: 'default' }) === undefined ? t.daysError : undefined}
          >
            <Input
              inputMode="numeric"
              value={form.days}
              onChange={(event) => onChange({ ...form, days: event.target.value })}
            />
          </Field>
        )}
      </div>
    </>
  );
}
