import type { InvitationWithSecret } from '@store-platform/client';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Role } from '../../../api/access.ts';
import { api, dataOf } from '../../../api/client.ts';
import { useSession } from '../../../api/session.tsx';
import { useTexts } from '../../../text/texts.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { Field, Input } from '../../../ui/field.tsx';
import { Select } from '../../../ui/select.tsx';
import { FormError } from '../shared/form-error.tsx';
import { textOf, useForm, type FieldErrors } from '../shared/form.ts';
import { ROLE_TEXTS, RoleSelect } from '../shared/roles.tsx';
import { SecretOnce } from '../shared/secret-once.tsx';
import { settingsKeys } from '../shared/settings-keys.ts';
import { INVITATION_TEXTS } from './texts.ts';

const LIFETIMES = ['1', '7', '14', '30'] as const;
type Lifetime = (typeof LIFETIMES)[number];
/** Finds typing errors. The API checks the address. */
const EMAIL = /^\S+@\S+\.\S+$/;

/** Creates an invitation, and shows its link once. */
export function InviteDialog({
  open,
  onOpenChange,
}: {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}) {
  const t = useTexts(INVITATION_TEXTS);
  const client = useQueryClient();
  const [created, setCreated] = useState<InvitationWithSecret>();
  const change = (isOpen: boolean): void => {
    if (!isOpen) setCreated(undefined);
    onOpenChange(isOpen);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={created === undefined ? t.form.title : t.made.title}
      description={created === undefined ? t.form.description : undefined}
      closeLabel={t.form.close}
    >
      {created === undefined ? (
        <InviteForm
          onCancel={() => change(false)}
          onCreated={(invitation) => {
            setCreated(invitation);
            void client.invalidateQueries({ queryKey: settingsKeys.invitations });
          }}
        />
      ) : (
        <CreatedLink invitation={created} onDone={() => change(false)} />
      )}
    </Dialog>
  );
}

function CreatedLink({
  invitation: { url, email, role },
  onDone,
}: {
  readonly invitation: InvitationWithSecret;
  readonly onDone: () => void;
}) {
  const t = useTexts(INVITATION_TEXTS).made;
  const roles = useTexts(ROLE_TEXTS).names;
  return (
    <div className="grid gap-4">
      <SecretOnce label={t.label} value={url} note={t.note(email, roles[role])} />
      <div className="flex justify-end">
        <Button variant="primary" onClick={onDone}>
          {t.done}
        </Button>
      </div>
    </div>
  );
}

function InviteForm({
  onCancel,
  onCreated,
}: {
  readonly onCancel: () => void;
  readonly onCreated: (invitation: InvitationWithSecret) => void;
}) {
  const t = useTexts(INVITATION_TEXTS).form;
  const roles = useTexts(ROLE_TEXTS);
  const { role: highest } = useSession();
  const [role, setRole] = useState<Role>('member');
  const [lifetime, setLifetime] = useState<Lifetime>('7');
  const { form, errors, error, pending } = useForm({
    fields: ['email', 'role', 'expiresInDays'],
    check: (values): FieldErrors => {
      const email = textOf(values, 'email');
      return email === '' || EMAIL.test(email) ? {} : { email: t.emailWrong };
    },
    send: createInvitation,
    onDone: onCreated,
  });
  return (
    <form {...form} className="grid gap-4">
      <FormError error={error} />
      <Field label={t.email} isOptional optionalText={t.optional} hint={t.emailHint} error={errors['email']}>
        <Input name="email" type="email" autoComplete="off" maxLength={254} />
      </Field>
      <Field label={t.role} hint={roles.rights[role]} error={errors['role']}>
        <RoleSelect name="role" value={role} onChange={setRole} highest={highest ?? 'viewer'} />
      </Field>
      <Field label={t.expires} error={errors['expiresInDays']}>
        <Select
          name="expiresInDays"
          value={lifetime}
          onChange={setLifetime}
          options={LIFETIMES.map((days) => ({ value: days, label: t.days(Number(days)) }))}
        />
      </Field>
      <div className="flex flex-wrap justify-end gap-2 border-t border-line pt-4">
        <Button onClick={onCancel}>{t.cancel}</Button>
        <Button type="submit" variant="primary" pending={pending}>
          {t.submit}
        </Button>
      </div>
    </form>
  );
}

async function createInvitation(values: FormData, key: string): Promise<InvitationWithSecret> {
  const email = textOf(values, 'email');
  return dataOf(
    await api.POST('/api/invitations', {
      params: { header: { 'Idempotency-Key': key } },
      body: {
        email: email === '' ? null : email,
        // The form offers only roles that the API knows.
        role: textOf(values, 'role') as Role,
        expiresInDays: Number(textOf(values, 'expiresInDays')),
      },
    }),
  );
}
