import type { Tenant } from '@store-platform/client';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, dataOf } from '../../../api/client.ts';
import { keys } from '../../../api/query.ts';
import { newKey } from '../../../browser/new-key.ts';
import { formatNumber } from '../../../text/format.ts';
import { useLanguage } from '../../../text/language.tsx';
import { useTexts } from '../../../text/texts.ts';
import { Field, Input } from '../../../ui/field.tsx';
import { formErrorsOf } from '../../stores/model/field-errors.ts';
import { FormDialog } from '../parts/form-dialog.tsx';
import { isLimit, limitOf } from '../parts/limit.ts';
import { useOperatorChange } from '../parts/use-operator.ts';
import { TENANT_TEXTS } from './texts.ts';

const LIMITS = ['maxStores', 'maxRunning', 'maxRequestsPerMinute'] as const;
type LimitName = (typeof LIMITS)[number];
type Draft = Readonly<Record<'tenantId' | 'name' | LimitName, string>>;

function draftOf(tenant: Tenant | null): Draft {
  const limit = (name: LimitName): string => tenant?.[name]?.toString() ?? '';
  return {
    tenantId: tenant?.tenantId ?? '',
    name: tenant?.name ?? '',
    maxStores: limit('maxStores'),
    maxRunning: limit('maxRunning'),
    maxRequestsPerMinute: limit('maxRequestsPerMinute'),
  };
}

/** Sends a tenant: a new one with its id and the key of the request, or changes of an existing one. */
async function save(tenant: Tenant | null, draft: Draft, key: string) {
  const limits = {
    maxStores: limitOf(draft.maxStores),
    maxRunning: limitOf(draft.maxRunning),
    maxRequestsPerMinute: limitOf(draft.maxRequestsPerMinute),
  };
  const { name, tenantId } = draft;
  if (tenant !== null) {
    const params = { path: { id: tenant.tenantId } };
    return dataOf(await api.PATCH('/api/admin/tenants/{id}', { params, body: { name, ...limits } }));
  }
  const params = { header: { 'Idempotency-Key': key } };
  return dataOf(await api.POST('/api/admin/tenants', { params, body: { tenantId, name, ...limits } }));
}

/** Creates a tenant, or changes the name and the limits of one. */
export function TenantDialog({ tenant, onClose }: { readonly tenant: Tenant | null; readonly onClose: () => void }) {
  const t = useTexts(TENANT_TEXTS);
  const [draft, setDraft] = useState(() => draftOf(tenant));
  const [isSent, setSent] = useState(false);
  const [key] = useState(newKey);
  const change = useOperatorChange(
    (sent: Draft) => save(tenant, sent, key),
    ({ name }) => (tenant === null ? t.done.created(name) : t.done.changed(name)),
  );
  const { fields, rest } = formErrorsOf(change.error, ['tenantId', 'name', ...LIMITS]);
  const areLimitsValid = LIMITS.every((name) => isLimit(draft[name]) && Number(draft[name] || '1') >= 1);
  const input = (name: keyof Draft, more: { readonly inputMode?: 'numeric' } = {}) => (
    <Input
      {...more}
      autoComplete="off"
      value={draft[name]}
      onChange={(event) => setDraft({ ...draft, [name]: event.target.value })}
    />
  );
  const limitField = (name: LimitName, label: string, hint: React.ReactNode = t.limitHint) => {
    const isWrong = isSent && (!isLimit(draft[name]) || draft[name].trim() === '0');
    return (
      <Field label={label} hint={hint} error={isWrong ? t.limitError : fields[name]}>
        {input(name, { inputMode: 'numeric' })}
      </Field>
    );
  };
  return (
    <FormDialog
      title={tenant === null ? t.create : t.editTitle(tenant.name)}
      closeLabel={t.close}
      saveLabel={tenant === null ? t.create : t.save}
      pending={change.isPending}
      error={rest}
      onClose={onClose}
      onSubmit={() => {
        setSent(true);
        if (areLimitsValid) change.mutate(draft, { onSuccess: onClose });
      }}
    >
      {tenant === null && (
        <Field label={t.id} hint={t.idHint} error={fields['tenantId']}>
          {input('tenantId')}
        </Field>
      )}
      <Field label={t.name} error={fields['name']}>
        {input('name')}
      </Field>
      {limitField('maxStores', t.maxStores, <StoresHint tenant={tenant} />)}
      {limitField('maxRunning', t.maxRunning)}
      {limitField('maxRequestsPerMinute', t.maxRequests)}
    </FormDialog>
  );
}

/** Says how much of the quota of stores is used. */
function StoresHint({ tenant }: { readonly tenant: Tenant | null }) {
  const t = useTexts(TENANT_TEXTS);
  const { language } = useLanguage();
  const { data } = useQuery({
    queryKey: [...keys.operator, 'quota', tenant?.tenantId],
    queryFn: async () =>
      dataOf(await api.GET('/api/quota', { params: { header: { 'X-Tenant-ID': tenant?.tenantId ?? '' } } })),
    enabled: tenant !== null,
  });
  if (data === undefined) return t.limitHint;
  const { used, limit } = data.stores;
  return `${t.used(formatNumber(used, language), formatNumber(limit, language))} ${t.limitHint}`;
}
