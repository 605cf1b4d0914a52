import type { ServiceAccount } from '@store-platform/client';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import type { Role } from '../../../api/access.ts';
import { api, dataOf } from '../../../api/client.ts';
import { useSession } from '../../../api/session.tsx';
import { useTexts } from '../../../text/texts.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { Field, Input } from '../../../ui/field.tsx';
import { FormError } from '../shared/form-error.tsx';
import { textOf, useForm, type FieldErrors } from '../shared/form.ts';
import { ROLE_TEXTS, RoleSelect } from '../shared/roles.tsx';
import { settingsKeys } from '../shared/settings-keys.ts';
import { ACCOUNT_TEXTS } from './account-texts.ts';

/** Creates a service account. */
export function AccountDialog({
  open,
  onOpenChange,
}: {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}) {
  const t = useTexts(ACCOUNT_TEXTS);
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={t.form.title}
      description={t.description}
      closeLabel={t.form.close}
    >
      <AccountForm onClose={() => onOpenChange(false)} />
    </Dialog>
  );
}

function AccountForm({ onClose }: { readonly onClose: () => void }) {
  const t = useTexts(ACCOUNT_TEXTS);
  const roles = useTexts(ROLE_TEXTS);
  const client = useQueryClient();
  const { role: highest } = useSession();
  const [role, setRole] = useState<Role>('member');
  const { form, errors, error, pending } = useForm({
    fields: ['name', 'role'],
    check: (values): FieldErrors => (textOf(values, 'name') === '' ? { name: t.form.nameMissing } : {}),
    send: createAccount,
    onDone: ({ name }) => {
      toast.success(t.created(name));
      void client.invalidateQueries({ queryKey: settingsKeys.serviceAccounts });
      onClose();
    },
  });
  return (
    <form {...form} className="grid gap-4">
      <FormError error={error} />
      <Field label={t.form.name} hint={t.form.nameHint} error={errors['name']}>
        <Input name="name" autoComplete="off" maxLength={100} />
      </Field>
      <Field label={t.form.role} hint={roles.rights[role]} error={errors['role']}>
        <RoleSelect name="role" value={role} onChange={setRole} highest={highest ?? 'viewer'} />
      </Field>
      <div className="flex flex-wrap justify-end gap-2 border-t border-line pt-4">
        <Button onClick={onClose}>{t.form.cancel}</Button>
        <Button type="submit" variant="primary" pending={pending}>
          {t.form.submit}
        </Button>
      </div>
    </form>
  );
}

async function createAccount(values: FormData, key: string): Promise<ServiceAccount> {
  return dataOf(
    await api.POST('/api/service-accounts', {
      params: { header: { 'Idempotency-Key': key } },
      // The form offers only roles that the API knows.
      body: { name: textOf(values, 'name'), role: textOf(values, 'role') as Role },
    }),
  );
}
