import { useSyncExternalStore } from 'react';
import { readStored, writeStored } from '../browser/storage.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** `public/theme.js` reads the same key before the first paint. */
const KEY = 'theme';
const listeners = new Set<() => void>();

function currentTheme(): Theme {
  const stored = readStored(KEY);
  return THEMES.find((theme) => theme === stored) ?? 'system';
}

/** Changes the colours of the page, and remembers the choice. */
export function setTheme(theme: Theme): void {
  writeStored(KEY, theme === 'system' ? null : theme);
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Returns the chosen theme. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, currentTheme);
}
