/** Returns whether a text is a limit: a whole number, or nothing for no limit. */
export function isLimit(text: string): boolean {
  return /^\d{0,7}$/.test(text.trim());
}

/** Returns the limit in a text. Null: there is none. */
export function limitOf(text: string): number | null {
  return text.trim() === '' ? null : Number(text);
}
