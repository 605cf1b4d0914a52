import { ApiError } from '@store-platform/client';
import { useRef, useState } from 'react';
import { Link } from 'wouter';
import { useTexts } from '../../text/texts.ts';
import { Button, buttonClasses } from '../../ui/button.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Field, Input } from '../../ui/field.tsx';
import { Icon } from '../../ui/icon.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ChoiceCards } from './create/choices.tsx';
import { CREATE_TEXTS } from './create/texts.ts';
import { useCreateStore, type NewStore } from './create/use-create-store.ts';
import { useQuota } from './data/quota.ts';
import { ENGINE_NAMES, ENGINES } from './model/catalogue.ts';
import { formErrorsOf } from './model/field-errors.ts';
import { cleanName, faultOfName, lengthOf } from './model/name.ts';
import { DELETED_VOLUMES, policyOf } from './model/volumes.ts';
import { QuotaMeter } from './quota-meter.tsx';
import { VolumePolicyField } from './volume-policy.tsx';

const FIELDS = ['name', 'engine', 'onFailure', 'volumePolicy'] as const;

/** The form that creates a store. */
export function CreateStorePage() {
  const t = useTexts(CREATE_TEXTS);
  return (
    <div className="mx-auto max-w-3xl">
      <PageHeader
        title={t.title}
        description={t.description}
        breadcrumbs={[{ label: t.stores, href: '/' }]}
        breadcrumbsLabel={t.breadcrumbs}
        actions={<QuotaMeter />}
      />
      <QuotaNotice />
      <CreateForm />
    </div>
  );
}

/** Says that the quota is used up before a person fills the form in. */
function QuotaNotice() {
  const t = useTexts(CREATE_TEXTS);
  const { data } = useQuota();
  if (data === undefined || data.stores.used < data.stores.limit) return null;
  return (
    <div role="alert" className="mb-6 flex gap-3 rounded-lg border border-warning-line bg-warning-soft p-4">
      <Icon name="warning" className="mt-0.5 text-warning" />
      <div className="grid gap-1">
        <p className="font-semibold">{t.full}</p>
        <p>{t.fullHint(data.stores.limit)}</p>
      </div>
    </div>
  );
}

function CreateForm() {
  const t = useTexts(CREATE_TEXTS);
  const nameInput = useRef<HTMLInputElement>(null);
  const [name, setName] = useState('');
  const [isNameTouched, setNameTouched] = useState(false);
  const [engine, setEngine] = useState<NewStore['engine']>('woocommerce');
  const [onFailure, setOnFailure] = useState<NewStore['onFailure']>('cleanup');
  const [volumes, setVolumes] = useState(DELETED_VOLUMES);
  const { create, isPending, isSuccess, error } = useCreateStore();
  const { fields, rest } = formErrorsOf(error, FIELDS);
  const fault = faultOfName(name);
  const volumePolicy = policyOf(volumes);

  function submit(): void {
    setNameTouched(true);
    if (fault !== null) nameInput.current?.focus();
    else if (volumePolicy !== undefined) create({ name: cleanName(name), engine, onFailure, volumePolicy });
  }

  return (
    <form
      noValidate
      className="grid gap-6"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <ChoiceCards
        legend={t.engine}
        value={engine}
        onChange={setEngine}
        error={fields['engine']}
        choices={ENGINES.map((value) => ({
          value,
          label: ENGINE_NAMES[value],
          hint: t.engines[value].summary,
          note: t.engines[value].parts,
        }))}
      />
      <Field label={t.name} hint={`${t.nameHint} ${t.length(lengthOf(cleanName(name)))}`} error={nameError()}>
        <Input
          ref={nameInput}
          value={name}
          onChange={(event) => setName(event.target.value)}
          onBlur={() => setNameTouched(name !== '')}
          placeholder="Acme Shoes"
          autoComplete="off"
          required
        />
      </Field>
      <Panel title={t.options}>
        <div className="grid gap-6">
          <ChoiceCards
            legend={t.onFailure}
            value={onFailure}
            onChange={setOnFailure}
            error={fields['onFailure']}
            choices={(['cleanup', 'hold'] as const).map((value) => ({ value, ...t.policies[value] }))}
          />
          <VolumePolicyField choice={volumes} onChange={setVolumes} error={fields['volumePolicy']} />
        </div>
      </Panel>
      {rest !== undefined && <CreateError error={rest} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Link href="/" className={buttonClasses()}>
          {t.cancel}
        </Link>
        <Button type="submit" variant="primary" pending={isPending || isSuccess}>
          {t.submit}
        </Button>
      </div>
    </form>
  );

  /** A name that is too long is wrong at once. One that is empty is wrong only after a person has left the field. */
  function nameError(): string | undefined {
    if (fault !== null && (isNameTouched || fault !== 'empty')) return t.nameFaults[fault];
    return fields['name'];
  }
}

function CreateError({ error }: { readonly error: unknown }) {
  const t = useTexts(CREATE_TEXTS);
  const isReused = error instanceof ApiError && error.problem?.code === 'IDEMPOTENCY_KEY_REUSED';
  if (!isReused) return <ErrorPanel error={error} />;
  return (
    <div role="alert" className="grid gap-1 rounded-lg border border-warning-line bg-warning-soft p-4">
      <p className="font-semibold">{t.reused}</p>
      <p>{t.reusedHint}</p>
      <Link href="/" className="w-fit font-medium underline">
        {t.toList}
      </Link>
    </div>
  );
}
