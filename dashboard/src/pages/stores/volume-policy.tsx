import { clsx } from 'clsx';
import { defineTexts, useTexts } from '../../text/texts.ts';
import { Field, Input } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { MAX_KEPT_DAYS } from './model/limits.ts';
import { policyOf, type VolumeChoice, type VolumePolicy } from './model/volumes.ts';

const TEXTS = defineTexts({
  en: {
    label: 'Volumes after a delete',
    hint: 'Volumes hold the database and the uploads of the store.',
    kinds: { delete: 'Delete them with the store', keep: 'Keep them', days: 'Keep them for some days' },
    days: 'Days',
    daysError: `Enter a whole number from 1 to ${MAX_KEPT_DAYS}.`,
    deleted: 'Deleted with the store',
    kept: 'Kept',
    keptFor: (days: number) => `Kept for ${days} ${days === 1 ? 'day' : 'days'}`,
  },
  de: {
    label: 'Volumes nach dem Löschen',
    hint: 'Volumes enthalten die Datenbank und die hochgeladenen Dateien des Shops.',
    kinds: { delete: 'Mit dem Shop löschen', keep: 'Behalten', days: 'Einige Tage behalten' },
    days: 'Tage',
    daysError: `Geben Sie eine ganze Zahl von 1 bis ${MAX_KEPT_DAYS} ein.`,
    deleted: 'Werden mit dem Shop gelöscht',
    kept: 'Werden behalten',
    keptFor: (days: number) => `Werden ${days} ${days === 1 ? 'Tag' : 'Tage'} behalten`,
  },
});

/** Says what happens to the volumes. */
export function VolumePolicyText({ policy }: { readonly policy: VolumePolicy }) {
  const t = useTexts(TEXTS);
  if (typeof policy === 'object') return t.keptFor(policy.keepForDays);
  return policy === 'keep' ? t.kept : t.deleted;
}

/** Chooses what happens to the volumes of a store when it is deleted. */
export function VolumePolicyField({
  choice,
  onChange,
  error,
}: {
  readonly choice: VolumeChoice;
  readonly onChange: (choice: VolumeChoice) => void;
  /** The API has rejected the value. */
  readonly error?: string | undefined;
}) {
  const t = useTexts(TEXTS);
  return (
    <div className={clsx('grid gap-3', choice.kind === 'days' && 'sm:grid-cols-[minmax(0,1fr)_7rem]')}>
      <Field label={t.label} hint={t.hint} error={choice.kind === 'days' ? undefined : error}>
        <Select
          value={choice.kind}
          onChange={(kind) => onChange({ ...choice, kind })}
          options={(['delete', 'keep', 'days'] as const).map((value) => ({ value, label: t.kinds[value] }))}
        />
      </Field>
      {choice.kind === 'days' && (
        <Field label={t.days} error={error ?? (policyOf(choice) === undefined ? t.daysError : undefined)}>
          <Input
            inputMode="numeric"
            value={choice.days}
            onChange={(event) => onChange({ ...choice, days: event.target.value })}
          />
        </Field>
      )}
    </div>
  );
}
