import type { Language } from './language.tsx';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const RELATIVE_UNITS = [
  ['year', 365 * DAY],
  ['month', 30 * DAY],
  ['week', 7 * DAY],
  ['day', DAY],
  ['hour', HOUR],
  ['minute', MINUTE],
  ['second', SECOND],
] as const;

/** A new format takes longer than a hundred texts of one that exists. */
const relativeFormats = new Map<string, Intl.RelativeTimeFormat>();
const instantFormats = new Map<string, Intl.DateTimeFormat>();

/** Returns the format of a key, and makes it once. */
function cached<Format>(formats: Map<string, Format>, key: string, make: () => Format): Format {
  const known = formats.get(key) ?? make();
  formats.set(key, known);
  return known;
}

/** Returns a time relative to now, such as "3 minutes ago". */
export function formatRelative(atMs: number, nowMs: number, language: Language): string {
  const format = cached(relativeFormats, language, () => new Intl.RelativeTimeFormat(language, { numeric: 'auto' }));
  const difference = atMs - nowMs;
  for (const [unit, size] of RELATIVE_UNITS) {
    if (Math.abs(difference) >= size) return format.format(Math.trunc(difference / size), unit);
  }
  return format.format(0, 'second');
}

/** Returns the milliseconds after which the text of a relative time can change. */
export function relativeStepMs(atMs: number, nowMs: number): number {
  const age = Math.abs(atMs - nowMs);
  return age < MINUTE ? SECOND : age < HOUR ? 15 * SECOND : 5 * MINUTE;
}

/** Returns a date with its time, in the zone of the browser or in UTC. */
export function formatInstant(atMs: number, language: Language, timeZone?: 'UTC'): string {
  const format = cached(instantFormats, `${language} ${timeZone ?? ''}`, () => {
    return new Intl.DateTimeFormat(language, {
      year: 'numeric',
      month: 'short',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      timeZoneName: 'short',
      ...(timeZone === undefined ? {} : { timeZone }),
    });
  });
  return format.format(atMs);
}

const UNITS: Readonly<Record<Language, { readonly d: string; readonly h: string }>> = {
  en: { d: 'd', h: 'h' },
  de: { d: 'Tg.', h: 'Std.' },
};

/** Returns a duration with its two largest units, such as "1 min 12 s". */
export function formatDuration(ms: number, language: Language): string {
  const { d, h } = UNITS[language];
  const positive = Math.max(0, ms);
  if (positive < SECOND) return `${Math.round(positive)} ms`;
  if (positive < 10 * SECOND) return `${formatNumber(Math.floor(positive / 100) / 10, language)} s`;
  if (positive < MINUTE) return `${Math.floor(positive / SECOND)} s`;
  if (positive < HOUR) return `${Math.floor(positive / MINUTE)} min ${Math.floor((positive % MINUTE) / SECOND)} s`;
  if (positive < DAY) return `${Math.floor(positive / HOUR)} ${h} ${Math.floor((positive % HOUR) / MINUTE)} min`;
  return `${Math.floor(positive / DAY)} ${d} ${Math.floor((positive % DAY) / HOUR)} ${h}`;
}

/** Returns a number as the language writes it. */
export function formatNumber(value: number, language: Language): string {
  return new Intl.NumberFormat(language).format(value);
}
