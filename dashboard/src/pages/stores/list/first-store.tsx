import { Link } from 'wouter';
import { useSession } from '../../../api/session.tsx';
import { defineTexts, useTexts } from '../../../text/texts.ts';
import { buttonClasses } from '../../../ui/button.tsx';
import { CopyButton } from '../../../ui/copy-button.tsx';
import { CodeBlock } from '../code-block.tsx';
import { Icon } from '../../../ui/icon.tsx';

const TEXTS = defineTexts({
  en: {
    title: 'Your first store is a minute away',
    what: 'A store is a complete online shop with its own database, storage and address. The platform installs it, checks it with a real order, and keeps it alive until you delete it.',
    create: 'Create your first store',
    ask: 'Ask an admin of your tenant for the role “member” to create stores.',
    or: 'Or from a terminal',
    cli: 'With the CLI',
    http: 'With the HTTP API',
    copyCli: 'Copy the command of the CLI',
    copyHttp: 'Copy the command with curl',
    token: 'Create the token under “API tokens”.',
  },
  de: {
    title: 'In einer Minute zum ersten Shop',
    what: 'Ein Shop ist ein vollständiger Online-Shop mit eigener Datenbank, eigenem Speicher und eigener Adresse. Die Plattform richtet ihn ein, prüft ihn mit einer echten Bestellung und hält ihn in Betrieb, bis Sie ihn löschen.',
    create: 'Ersten Shop anlegen',
    ask: 'Bitten Sie eine Person mit der Rolle „admin“ Ihres Mandanten um die Rolle „member“, um Shops anzulegen.',
    or: 'Oder in einem Terminal',
    cli: 'Mit der Kommandozeile',
    http: 'Mit der HTTP-API',
    copyCli: 'Befehl der Kommandozeile kopieren',
    copyHttp: 'Befehl mit curl kopieren',
    token: 'Das Token legen Sie unter „API-Token“ an.',
  },
});

/** Returns the commands that create a store. Without authentication, no token is needed. */
function commands(isAuthenticationOff: boolean) {
  const cli = `store-platform stores create --name "Acme Shoes" --engine woocommerce --wait`;
  const http = [
    `curl -X POST ${location.origin}/api/stores \\`,
    ...(isAuthenticationOff ? [] : [`  -H "Authorization: Bearer $STORE_PLATFORM_TOKEN" \\`]),
    `  -H "Idempotency-Key: $(uuidgen)" -H "Content-Type: application/json" \\`,
    `  -d '{"name":"Acme Shoes","engine":"woocommerce"}'`,
  ].join('\n');
  return { cli, http };
}

/** Explains what a store is and how to create one, as long as there is none. */
export function FirstStore() {
  const t = useTexts(TEXTS);
  const session = useSession();
  const { isAuthenticationOff } = session;
  const { cli, http } = commands(isAuthenticationOff);
  return (
    <section aria-label={t.title} className="rounded-lg border border-line bg-surface">
      <div className="grid justify-items-center gap-4 px-4 py-12 text-center">
        <span className="grid size-10 place-items-center rounded-lg border border-line bg-canvas text-muted">
          <Icon name="store" className="size-5" />
        </span>
        <div className="grid max-w-lg gap-1">
          <h2 className="text-base font-semibold">{t.title}</h2>
          <p className="text-muted">{t.what}</p>
        </div>
        {session.can('createStore') ? (
          <Link href="/stores/new" className={buttonClasses({ variant: 'primary' })}>
            <Icon name="plus" />
            {t.create}
          </Link>
        ) : (
          <p className="text-muted">{t.ask}</p>
        )}
      </div>
      {session.can('createStore') && (
        <div className="grid gap-4 border-t border-line p-4">
          <p className="text-xs font-medium text-muted">{t.or}</p>
          <Command title={t.cli} text={cli} copyLabel={t.copyCli} />
          <Command title={t.http} text={http} copyLabel={t.copyHttp} hint={isAuthenticationOff ? undefined : t.token} />
        </div>
      )}
    </section>
  );
}

function Command({
  title,
  text,
  copyLabel,
  hint,
}: {
  readonly title: string;
  readonly text: string;
  readonly copyLabel: string;
  readonly hint?: string | undefined;
}) {
  return (
    <div className="grid min-w-0 gap-1">
      <div className="flex items-center justify-between gap-2">
        <h3 className="text-xs font-semibold">{title}</h3>
        <CopyButton text={text} label={copyLabel} />
      </div>
      <CodeBlock label={title} text={text} />
      {hint !== undefined && <p className="text-xs text-muted">{hint}</p>}
    </div>
  );
}
