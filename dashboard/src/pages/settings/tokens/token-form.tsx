import type { ServiceAccount, TokenWithSecret } from '@store-platform/client';
import { useId, useState } from 'react';
import type { Role } from '../../../api/access.ts';
import { api, dataOf } from '../../../api/client.ts';
import { useSession } from '../../../api/session.tsx';
import { useTexts } from '../../../text/texts.ts';
import { Button } from '../../../ui/button.tsx';
import { Checkbox } from '../../../ui/checkbox.tsx';
import { Field, Input } from '../../../ui/field.tsx';
import { Icon } from '../../../ui/icon.tsx';
import { Select } from '../../../ui/select.tsx';
import { Choices } from '../shared/choices.tsx';
import { textOf, useForm, type FieldErrors } from '../shared/form.ts';
import { FormError } from '../shared/form-error.tsx';
import { lowerRole, ROLE_TEXTS, RoleSelect } from '../shared/roles.tsx';
import { SCOPE_TEXTS, usableScopes, type Scope } from './scopes.ts';
import { TOKEN_TEXTS } from './texts.ts';

const MAX_NAME_LENGTH = 100;
const LIFETIMES = ['7', '30', '90', '365'] as const;
type Lifetime = (typeof LIFETIMES)[number];

export interface TokenFormProps {
  readonly account: ServiceAccount | undefined;
  readonly onCancel: () => void;
  readonly onCreated: (token: TokenWithSecret) => void;
}

/** The fields of a new token. */
export function TokenForm({ account, onCancel, onCreated }: TokenFormProps) {
  const t = useTexts(TOKEN_TEXTS).form;
  const roles = useTexts(ROLE_TEXTS);
  const session = useSession();
  const highest = lowerRole(session.role ?? 'viewer', account?.role ?? 'admin');
  const [role, setRole] = useState<Role>(highest);
  const [access, setAccess] = useState<'all' | 'some'>('all');
  const [lifetime, setLifetime] = useState<Lifetime>('90');

  const { form, errors, error, pending } = useForm({
    fields: ['name', 'scopes', 'role', 'expiresInDays'],
    check: (values) => checkToken(values, access, t),
    send: async (values, key) => await createToken(values, { key, access, account }),
    onDone: onCreated,
  });

  return (
    <form {...form} className="grid gap-4">
      <FormError error={error} />
      <Field label={t.name} hint={t.nameHint} error={errors['name']}>
        <Input name="name" autoComplete="off" maxLength={MAX_NAME_LENGTH} />
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t.role} hint={roles.rights[role]} error={errors['role']}>
          <RoleSelect name="role" value={role} onChange={setRole} highest={highest} />
        </Field>
        <Field label={t.expires} error={errors['expiresInDays']}>
          <Select
            name="expiresInDays"
            value={lifetime}
            onChange={setLifetime}
            options={LIFETIMES.map((days) => ({ value: days, label: t.days(Number(days)) }))}
          />
        </Field>
      </div>
      <Choices
        legend={t.access}
        name="access"
        value={access}
        onChange={setAccess}
        choices={[
          { value: 'all', label: t.all, hint: t.allHint },
          { value: 'some', label: t.some, hint: t.someHint },
        ]}
      />
      {access === 'some' && <ScopeList scopes={usableScopes(role, session.isOperator)} error={errors['scopes']} />}
      <div className="flex flex-wrap justify-end gap-2 border-t border-line pt-4">
        <Button onClick={onCancel}>{t.cancel}</Button>
        <Button type="submit" variant="primary" pending={pending}>
          {t.submit}
        </Button>
      </div>
    </form>
  );
}

function ScopeList({ scopes, error }: { readonly scopes: readonly Scope[]; readonly error: string | undefined }) {
  const t = useTexts(TOKEN_TEXTS).form;
  const texts = useTexts(SCOPE_TEXTS);
  const id = useId();
  return (
    <fieldset aria-describedby={error === undefined ? undefined : id} className="grid gap-2">
      <legend className="mb-2 text-sm font-medium">{t.scopes}</legend>
      <div className="grid gap-x-4 gap-y-2.5 sm:grid-cols-2">
        {scopes.map((scope, index) => (
          <Checkbox
            key={scope}
            name="scopes"
            value={scope}
            label={<code className="font-mono text-xs">{scope}</code>}
            hint={texts[scope]}
            className="content-start"
            aria-invalid={(error !== undefined && index === 0) || undefined}
          />
        ))}
      </div>
      {error !== undefined && (
        <p id={id} className="flex gap-1 text-xs text-danger">
          <Icon name="alert" className="mt-px size-3.5" />
          {error}
        </p>
      )}
    </fieldset>
  );
}

interface CheckTexts {
  readonly nameMissing: string;
  readonly nameLong: string;
  readonly scopesMissing: string;
}

function checkToken(values: FormData, access: 'all' | 'some', t: CheckTexts): FieldErrors {
  const name = textOf(values, 'name');
  return {
    ...(name === '' ? { name: t.nameMissing } : {}),
    ...(Array.from(name).length > MAX_NAME_LENGTH ? { name: t.nameLong } : {}),
    ...(access === 'some' && values.getAll('scopes').length === 0 ? { scopes: t.scopesMissing } : {}),
  };
}

async function createToken(
  values: FormData,
  {
    key,
    access,
    account,
  }: { readonly key: string; readonly access: 'all' | 'some'; readonly account: ServiceAccount | undefined },
): Promise<TokenWithSecret> {
  return dataOf(
    await api.POST('/api/tokens', {
      params: { header: { 'Idempotency-Key': key } },
      body: {
        name: textOf(values, 'name'),
        ...(account === undefined ? {} : { serviceAccountId: account.serviceAccountId }),
        // The form offers only values that the API knows.
        role: textOf(values, 'role') as Role,
        scopes: access === 'all' ? null : (values.getAll('scopes') as Scope[]),
        expiresInDays: Number(textOf(values, 'expiresInDays')),
      },
    }),
  );
}
