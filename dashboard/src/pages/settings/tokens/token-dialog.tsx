import type { ServiceAccount, TokenWithSecret } from '@store-platform/client';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../../text/texts.ts';
import { Button } from '../../../ui/button.tsx';
import { CopyButton } from '../../../ui/copy-button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { SecretOnce } from '../shared/secret-once.tsx';
import { settingsKeys } from '../shared/settings-keys.ts';
import { TOKEN_TEXTS } from './texts.ts';
import { TokenForm } from './token-form.tsx';

/** Creates a token for the person or for a service account, and shows it once. */
export function TokenDialog({
  open,
  onOpenChange,
  account,
}: {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  /** Undefined: the token belongs to the person. */
  readonly account?: ServiceAccount;
}) {
  const t = useTexts(TOKEN_TEXTS);
  const client = useQueryClient();
  const [created, setCreated] = useState<TokenWithSecret>();
  const change = (isOpen: boolean): void => {
    // The next dialog begins with an empty form, and nothing keeps the secret.
    if (!isOpen) setCreated(undefined);
    onOpenChange(isOpen);
  };
  const title = account === undefined ? t.form.title : t.form.titleFor(account.name);
  return (
    <Dialog
      open={open}
      onOpenChange={change}
      size="lg"
      title={created === undefined ? title : t.made.title}
      closeLabel={t.form.close}
    >
      {created === undefined ? (
        <TokenForm
          account={account}
          onCancel={() => change(false)}
          onCreated={(token) => {
            setCreated(token);
            void client.invalidateQueries({ queryKey: settingsKeys.tokens });
          }}
        />
      ) : (
        <CreatedToken token={created} onDone={() => change(false)} />
      )}
    </Dialog>
  );
}

function CreatedToken({ token: { token }, onDone }: { readonly token: TokenWithSecret; readonly onDone: () => void }) {
  const t = useTexts(TOKEN_TEXTS).made;
  const command = `curl -H 'Authorization: Bearer ${token}' ${location.origin}/api/stores`;
  return (
    <div className="grid gap-4">
      <SecretOnce label={t.label} value={token} note={t.note} />
      <div className="grid gap-1.5">
        <div className="flex items-center justify-between gap-2">
          <p className="text-sm font-medium">{t.usage}</p>
          <CopyButton text={command} label={t.copyUsage} />
        </div>
        <pre className="rounded-md border border-line bg-canvas p-2.5 font-mono text-xs break-all whitespace-pre-wrap">
          {command}
        </pre>
      </div>
      <div className="flex justify-end">
        <Button variant="primary" onClick={onDone}>
          {t.done}
        </Button>
      </div>
    </div>
  );
}
