import { logOut } from '../../api/log-out.ts';
import { useSession } from '../../api/session.tsx';
import { setTheme, THEMES, useTheme } from '../../shell/theme.ts';
import { LANGUAGE_NAMES, LANGUAGES, useLanguage } from '../../text/language.tsx';
import { useTexts } from '../../text/texts.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Field } from '../../ui/field.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Select } from '../../ui/select.tsx';
import { PasswordPanel } from './profile/password-panel.tsx';
import { SessionPanel } from './profile/session-panel.tsx';
import { TenantPanel } from './profile/tenant-panel.tsx';
import { PROFILE_TEXTS } from './profile/texts.ts';
import { Facts } from './shared/facts.tsx';

/** The issuer of people who log in with a password of the platform. */
const LOCAL = 'local';

/** The account of the person, their sessions and the appearance of the pages. */
export function ProfilePage() {
  const t = useTexts(PROFILE_TEXTS);
  const { user } = useSession();
  const logout = user !== null && (
    <Button icon="log-out" onClick={() => void logOut()}>
      {t.logOut}
    </Button>
  );
  return (
    <>
      <PageHeader title={t.title} description={t.description} actions={logout} />
      <div className="grid items-start gap-6 xl:grid-cols-2">
        <AccountPanel />
        <TenantPanel />
        {user !== null && (
          <div className="min-w-0 xl:col-span-2">
            <SessionPanel />
          </div>
        )}
        {user?.issuer === LOCAL && <PasswordPanel email={user.email} />}
        <div className="grid gap-6">
          <AppearancePanel />
          {user !== null && <CommandLinePanel />}
        </div>
      </div>
    </>
  );
}

function AccountPanel() {
  const t = useTexts(PROFILE_TEXTS);
  const { user, isOperator } = useSession();
  if (user === null) {
    return (
      <Panel title={t.you}>
        <EmptyState icon="user" title={t.anonymous} description={t.anonymousHint} />
      </Panel>
    );
  }
  return (
    <Panel title={t.you}>
      <Facts
        facts={[
          { label: t.name, value: user.name },
          { label: t.email, value: user.email },
          { label: t.login, value: user.issuer === LOCAL ? t.local : user.issuer },
          {
            label: t.userId,
            value: (
              <span className="flex items-center gap-1">
                <code className="font-mono text-xs break-all">{user.userId}</code>
                <CopyButton text={user.userId} label={t.copyUserId} />
              </span>
            ),
          },
        ]}
      />
      {isOperator && (
        <p className="mt-4 flex flex-wrap items-center gap-2 border-t border-line pt-3 text-sm">
          <Badge tone="info" dot={false}>
            {t.operator}
          </Badge>
          <span className="text-muted">{t.operatorHint}</span>
        </p>
      )}
    </Panel>
  );
}

function AppearancePanel() {
  const t = useTexts(PROFILE_TEXTS);
  const theme = useTheme();
  const { language, setLanguage } = useLanguage();
  return (
    <Panel title={t.appearance}>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t.theme}>
          <Select
            value={theme}
            onChange={setTheme}
            options={THEMES.map((value) => ({ value, label: t.themes[value] }))}
          />
        </Field>
        <Field label={t.language}>
          <Select
            value={language}
            onChange={setLanguage}
            options={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))}
          />
        </Field>
      </div>
    </Panel>
  );
}

function CommandLinePanel() {
  const t = useTexts(PROFILE_TEXTS);
  const command = `npx store-platform --url ${location.origin} login`;
  return (
    <Panel title={t.cli} description={t.cliHint}>
      <div className="flex items-center gap-2 rounded-md border border-line bg-canvas py-1.5 pr-1.5 pl-2.5">
        <code className="min-w-0 flex-1 font-mono text-xs break-all">{command}</code>
        <CopyButton text={command} label={t.copyCommand} />
      </div>
    </Panel>
  );
}
