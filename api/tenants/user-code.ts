import { randomInt } from 'node:crypto';

/** Without vowels and look-alikes, so that a code forms no word and is easy to read (RFC 8628, 6.1). */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';

/** Creates a code that a person types, such as `BDFG-HJKL`. */
export function newUserCode(): string {
  return `${newGroup()}-${newGroup()}`;
}

function newGroup(): string {
  return Array.from({ length: 4 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}

/** Returns a typed code in its canonical form, or undefined if it is not a code. */
export function userCodeOf(typed: string): string | undefined {
  const letters = typed.toUpperCase().replaceAll(/[\s-]/g, '');
  return /^[B-DF-HJ-NP-TV-XZ]{8}$/.test(letters) ? `${letters.slice(0, 4)}-${letters.slice(4)}` : undefined;
}
