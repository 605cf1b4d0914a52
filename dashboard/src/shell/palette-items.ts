import { useQuery, keepPreviousData } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { storeSearchQuery } from '../api/queries.ts';
import { useSession } from '../api/session.tsx';
import { ROUTES } from '../routes.tsx';
import { ROUTE_TEXTS } from '../routes-texts.ts';
import { LANGUAGE_NAMES, LANGUAGES, useLanguage } from '../text/language.tsx';
import { defineTexts, useTexts } from '../text/texts.ts';
import type { IconName } from '../ui/icon.tsx';
import { setTheme, THEMES } from './theme.ts';

const TEXTS = defineTexts({
  en: {
    theme: {
      system: 'Use the appearance of the system',
      light: 'Use the light appearance',
      dark: 'Use the dark appearance',
    },
    language: (name: string) => `Language: ${name}`,
  },
  de: {
    theme: {
      system: 'Darstellung des Systems verwenden',
      light: 'Helle Darstellung verwenden',
      dark: 'Dunkle Darstellung verwenden',
    },
    language: (name: string) => `Sprache: ${name}`,
  },
});

export type PaletteGroup = 'stores' | 'pages' | 'actions';

/** Something to open or to do. */
export interface PaletteItem {
  readonly id: string;
  readonly group: PaletteGroup;
  readonly label: string;
  readonly detail?: string;
  readonly icon: IconName;
  readonly run: () => void;
}

/** Returns the entries of the command palette that match a text: stores, pages and actions. */
export function usePaletteItems(text: string): readonly PaletteItem[] {
  const t = useTexts(TEXTS);
  const titles = useTexts(ROUTE_TEXTS);
  const session = useSession();
  const [, navigate] = useLocation();
  const { setLanguage } = useLanguage();
  const wanted = text.trim();
  const { data: found } = useQuery({
    ...storeSearchQuery(wanted),
    enabled: wanted !== '' && session.can('listStores'),
    placeholderData: keepPreviousData,
  });
  const stores = (wanted === '' ? [] : (found?.data ?? [])).map(({ storeId, name, slug }): PaletteItem => ({
    id: storeId,
    group: 'stores',
    label: name,
    detail: slug,
    icon: 'store',
    run: () => navigate(`/stores/${storeId}`),
  }));
  const pages = ROUTES.filter(({ path, needs }) => !path.includes(':') && session.can(needs)).map(
    ({ path, title, icon, nav }): PaletteItem => ({
      id: path,
      group: nav === undefined && path === '/stores/new' ? 'actions' : 'pages',
      label: titles[title],
      icon,
      run: () => navigate(path),
    }),
  );
  const themes = THEMES.map((theme): PaletteItem => ({
    id: `theme-${theme}`,
    group: 'actions',
    label: t.theme[theme],
    icon: theme === 'dark' ? 'moon' : 'sun',
    run: () => setTheme(theme),
  }));
  const languages = LANGUAGES.map((language): PaletteItem => ({
    id: `language-${language}`,
    group: 'actions',
    label: t.language(LANGUAGE_NAMES[language]),
    icon: 'globe',
    run: () => setLanguage(language),
  }));
  const rest = [...pages, ...themes, ...languages].filter(({ label }) => matches(label, wanted));
  const order: readonly PaletteGroup[] = ['stores', 'pages', 'actions'];
  return [...stores, ...rest].toSorted((one, other) => order.indexOf(one.group) - order.indexOf(other.group));
}

/** Returns whether a label contains each word of a text. */
export function matches(label: string, text: string): boolean {
  const lower = label.toLocaleLowerCase();
  return text
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
}
