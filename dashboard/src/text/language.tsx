import { createContext, use, useEffect, useMemo, useState, type ReactNode } from 'react';
import { readStored, writeStored } from '../browser/storage.ts';

export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Names of the languages, each in itself. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch' };

const KEY = 'language';

interface LanguageChoice {
  readonly language: Language;
  readonly setLanguage: (language: Language) => void;
}

const LanguageContext = createContext<LanguageChoice>({ language: 'en', setLanguage: () => undefined });

/** Returns the chosen language, or the first one of the browser that the dashboard has. */
export function initialLanguage(stored: string | null, preferred: readonly string[]): Language {
  const wanted = [...(stored === null ? [] : [stored]), ...preferred.map((tag) => tag.slice(0, 2).toLowerCase())];
  for (const tag of wanted) {
    const language = LANGUAGES.find((each) => each === tag);
    if (language !== undefined) return language;
  }
  return 'en';
}

/** Provides the language of all texts below it, and remembers the choice. */
export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const [language, setLanguage] = useState(() => initialLanguage(readStored(KEY), navigator.languages));
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const choice = useMemo(
    () => ({
      language,
      setLanguage: (chosen: Language) => {
        writeStored(KEY, chosen);
        setLanguage(chosen);
      },
    }),
    [language],
  );
  return <LanguageContext value={choice}>{children}</LanguageContext>;
}

/** Returns the language of the person, and the function that changes it. */
export function useLanguage(): LanguageChoice {
  return use(LanguageContext);
}
