import { useLocation } from 'wouter';
import { logOut } from '../api/log-out.ts';
import { useSession } from '../api/session.tsx';
import { LANGUAGE_NAMES, LANGUAGES, useLanguage } from '../text/language.tsx';
import { defineTexts, useTexts } from '../text/texts.ts';
import { Button } from '../ui/button.tsx';
import { Menu, MenuChoice, MenuItem, MenuLink, MenuSeparator } from '../ui/menu.tsx';
import { setTheme, THEMES, useTheme } from './theme.ts';

const TEXTS = defineTexts({
  en: {
    menu: 'Your account',
    anonymous: 'Authentication is off',
    profile: 'Profile',
    docs: 'API documentation',
    theme: 'Appearance',
    themes: { system: 'System', light: 'Light', dark: 'Dark' },
    language: 'Language',
    logOut: 'Log out',
  },
  de: {
    menu: 'Ihr Konto',
    anonymous: 'Anmeldung ist ausgeschaltet',
    profile: 'Profil',
    docs: 'API-Dokumentation',
    theme: 'Darstellung',
    themes: { system: 'System', light: 'Hell', dark: 'Dunkel' },
    language: 'Sprache',
    logOut: 'Abmelden',
  },
});

/** The menu of the person: appearance, language, profile and logout. */
export function UserMenu() {
  const t = useTexts(TEXTS);
  const { user } = useSession();
  const theme = useTheme();
  const { language, setLanguage } = useLanguage();
  const [, navigate] = useLocation();
  return (
    <Menu
      className="w-60"
      trigger={<Button variant="ghost" isSquare icon="user" aria-label={t.menu} className="rounded-full" />}
    >
      <div className="grid px-2 py-1.5">
        <span className="truncate font-medium">{user?.name ?? user?.email ?? t.anonymous}</span>
        <span className="truncate text-xs text-muted">{user?.email}</span>
      </div>
      <MenuSeparator />
      <MenuLink icon="user" href="/settings/profile" onSelect={() => navigate('/settings/profile')}>
        {t.profile}
      </MenuLink>
      <MenuLink icon="book" href="/docs" isExternal>
        {t.docs}
      </MenuLink>
      <MenuSeparator />
      <MenuChoice
        label={t.theme}
        value={theme}
        onChange={setTheme}
        options={THEMES.map((value) => ({ value, label: t.themes[value] }))}
      />
      <MenuChoice
        label={t.language}
        value={language}
        onChange={setLanguage}
        options={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))}
      />
      {user !== null && (
        <>
          <MenuSeparator />
          <MenuItem icon="log-out" onSelect={() => void logOut()}>
            {t.logOut}
          </MenuItem>
        </>
      )}
    </Menu>
  );
}
