import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import { api } from '../../../api/client.ts';
import { useTexts } from '../../../text/texts.ts';
import { Button } from '../../../ui/button.tsx';
import { Field, Input } from '../../../ui/field.tsx';
import { Panel } from '../../../ui/panel.tsx';
import { FormError } from '../shared/form-error.tsx';
import { fieldErrorsOf, useForm, type FieldErrors } from '../shared/form.ts';
import { settingsKeys } from '../shared/settings-keys.ts';
import { PASSWORD_TEXTS } from './texts.ts';

const MIN_LENGTH = 12;
const MAX_LENGTH = 1_024;

/** Changes the password of a local user. */
export function PasswordPanel({ email }: { readonly email: string | null }) {
  const t = useTexts(PASSWORD_TEXTS);
  const [round, setRound] = useState(0);
  return (
    <Panel title={t.title} description={t.description}>
      {/* A new form is empty. */}
      <PasswordForm key={round} email={email} onChanged={() => setRound(round + 1)} />
    </Panel>
  );
}

function PasswordForm({ email, onChanged }: { readonly email: string | null; readonly onChanged: () => void }) {
  const t = useTexts(PASSWORD_TEXTS);
  const client = useQueryClient();
  const { form, errors, error, pending } = useForm({
    fields: ['oldPassword', 'newPassword', 'repeated'],
    check: (values) => checkPasswords(values, t),
    send: (values) =>
      api.POST('/api/password', {
        body: { oldPassword: passwordOf(values, 'oldPassword'), newPassword: passwordOf(values, 'newPassword') },
      }),
    // The form has checked everything else about this field.
    rejectedFields: (failure) => {
      const rejected = fieldErrorsOf(failure);
      return 'oldPassword' in rejected ? { ...rejected, oldPassword: t.wrong } : rejected;
    },
    onDone: () => {
      toast.success(t.changed);
      void client.invalidateQueries({ queryKey: settingsKeys.sessions });
      onChanged();
    },
  });
  return (
    <form {...form} className="grid max-w-md gap-4">
      <FormError error={error} />
      {/* Password managers need the name of the account. */}
      <input type="text" name="username" autoComplete="username" value={email ?? ''} readOnly hidden />
      <Field label={t.old} error={errors['oldPassword']}>
        <Input name="oldPassword" type="password" autoComplete="current-password" maxLength={MAX_LENGTH} />
      </Field>
      <Field label={t.new} hint={t.newHint} error={errors['newPassword']}>
        <Input name="newPassword" type="password" autoComplete="new-password" maxLength={MAX_LENGTH} />
      </Field>
      <Field label={t.repeat} error={errors['repeated']}>
        <Input name="repeated" type="password" autoComplete="new-password" maxLength={MAX_LENGTH} />
      </Field>
      <div>
        <Button type="submit" pending={pending}>
          {t.submit}
        </Button>
      </div>
    </form>
  );
}

/** Returns a password as it was entered: space around it belongs to it. */
function passwordOf(values: FormData, name: string): string {
  const value = values.get(name);
  return typeof value === 'string' ? value : '';
}

function checkPasswords(
  values: FormData,
  t: { readonly missing: string; readonly short: string; readonly different: string },
): FieldErrors {
  const chosen = passwordOf(values, 'newPassword');
  return {
    ...(passwordOf(values, 'oldPassword') === '' ? { oldPassword: t.missing } : {}),
    ...(chosen.length < MIN_LENGTH ? { newPassword: t.short } : {}),
    ...(chosen === passwordOf(values, 'repeated') ? {} : { repeated: t.different }),
  };
}
