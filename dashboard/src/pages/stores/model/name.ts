import { MAX_NAME_LENGTH } from './limits.ts';

export type NameFault = 'empty' | 'tooLong' | 'notPrintable';

/** Control, format, private, surrogate and separator characters, except the space and the joiners of some scripts. */
const NOT_PRINTABLE = /(?![ \u3000\u200c\u200d])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Z}\ufffe\uffff]/u;
const VISIBLE = /[^\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Z}\ufffe\uffff]/u;

/** Returns what is wrong with the name of a store, or null. The API decides again. */
export function faultOfName(raw: string): NameFault | null {
  const name = cleanName(raw);
  if (!VISIBLE.test(name)) return 'empty';
  if (lengthOf(name) > MAX_NAME_LENGTH) return 'tooLong';
  return NOT_PRINTABLE.test(name) ? 'notPrintable' : null;
}

/** Returns the name as the API stores it. */
export function cleanName(raw: string): string {
  return raw.trim().normalize('NFC');
}

/** Returns the length in Unicode code points, as the API counts. */
export function lengthOf(name: string): number {
  return Array.from(name).length;
}
