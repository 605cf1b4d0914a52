import type { StoreCredentials } from '@store-platform/client';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, dataOf } from '../../../api/client.ts';
import { useSession } from '../../../api/session.tsx';
import { defineTexts, useTexts } from '../../../text/texts.ts';
import { Button } from '../../../ui/button.tsx';
import { CopyButton } from '../../../ui/copy-button.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Panel } from '../../../ui/panel.tsx';
import type { VersionedStore } from '../data/store.ts';

const TEXTS = defineTexts({
  en: {
    title: 'Sign-in of the merchant',
    hint: 'Read from the cluster when you ask. The page keeps nothing, and the audit log has an entry for each read.',
    show: 'Show sign-in',
    hide: 'Hide',
    kinds: { username: 'User name', email: 'Email address' },
    password: 'Password',
    reveal: 'Show the password',
    conceal: 'Hide the password',
    hidden: 'Hidden password',
    copyLogin: 'Copy the login',
    copyPassword: 'Copy the password',
  },
  de: {
    title: 'Zugang zur Verwaltung',
    hint: 'Wird erst auf Ihre Anfrage aus dem Cluster gelesen. Die Seite behält nichts, und das Audit-Protokoll hat einen Eintrag für jeden Abruf.',
    show: 'Zugang anzeigen',
    hide: 'Ausblenden',
    kinds: { username: 'Benutzername', email: 'E-Mail-Adresse' },
    password: 'Passwort',
    reveal: 'Passwort anzeigen',
    conceal: 'Passwort ausblenden',
    hidden: 'Verborgenes Passwort',
    copyLogin: 'Benutzernamen kopieren',
    copyPassword: 'Passwort kopieren',
  },
});

/** Shows the sign-in of the merchant on demand, to people who may read it. */
export function CredentialsPanel({ store }: { readonly store: VersionedStore }) {
  const t = useTexts(TEXTS);
  const session = useSession();
  const { storeId, status } = store;
  // A mutation is not cached beyond the component: nothing of the secret stays when the person leaves.
  const read = useMutation({
    mutationFn: async () => {
      return dataOf(
        await api.GET('/api/stores/{id}/credentials', { params: { path: { id: storeId } }, cache: 'no-store' }),
      );
    },
    gcTime: 0,
  });
  if (status !== 'ready' || !session.can('getStoreCredentials')) return null;
  return (
    <Panel title={t.title}>
      <div className="grid gap-3">
        {read.data === undefined ? (
          <>
            <p className="text-xs text-muted">{t.hint}</p>
            {read.error !== null && <ErrorPanel error={read.error} />}
            <Button icon="key" pending={read.isPending} onClick={() => read.mutate()} className="justify-self-start">
              {t.show}
            </Button>
          </>
        ) : (
          <>
            <SignIn admin={read.data.admin} />
            <Button icon="eye-off" onClick={() => read.reset()} className="justify-self-start">
              {t.hide}
            </Button>
          </>
        )}
      </div>
    </Panel>
  );
}

function SignIn({ admin }: { readonly admin: StoreCredentials['admin'] }) {
  const t = useTexts(TEXTS);
  const [isRevealed, setRevealed] = useState(false);
  return (
    <dl className="grid gap-3">
      <div className="grid gap-0.5">
        <dt className="text-xs text-muted">{t.kinds[admin.loginKind]}</dt>
        <dd className="flex items-center gap-1">
          <code className="truncate font-mono text-xs">{admin.login}</code>
          <CopyButton text={admin.login} label={t.copyLogin} />
        </dd>
      </div>
      <div className="grid gap-0.5">
        <dt className="text-xs text-muted">{t.password}</dt>
        <dd className="flex items-center gap-1">
          {isRevealed ? (
            <code className="font-mono text-xs break-all">{admin.password}</code>
          ) : (
            <>
              <span aria-hidden="true" className="font-mono text-xs">
                ••••••••••••
              </span>
              <span className="sr-only">{t.hidden}</span>
            </>
          )}
          <Button
            variant="ghost"
            size="sm"
            isSquare
            icon={isRevealed ? 'eye-off' : 'eye'}
            aria-label={isRevealed ? t.conceal : t.reveal}
            onClick={() => setRevealed(!isRevealed)}
          />
          <CopyButton text={admin.password} label={t.copyPassword} />
        </dd>
      </div>
    </dl>
  );
}
