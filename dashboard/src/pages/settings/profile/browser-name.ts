/** Browsers, the more special ones first: most of them name others in their header too. */
const BROWSERS = [
  ['Edg/', 'Edge'],
  ['OPR/', 'Opera'],
  ['Firefox/', 'Firefox'],
  ['HeadlessChrome/', 'Chrome'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
  ['curl/', 'curl'],
] as const;
const SYSTEMS = [
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Android', 'Android'],
  ['Windows', 'Windows'],
  ['Mac OS X', 'macOS'],
  ['CrOS', 'ChromeOS'],
  ['Linux', 'Linux'],
] as const;

/** Returns the browser and the system of a `User-Agent` header, such as "Firefox · Linux". Undefined: neither is known. */
export function browserName(userAgent: string | null): string | undefined {
  const find = (known: readonly (readonly [string, string])[]): string | undefined =>
    known.find(([part]) => userAgent?.includes(part) === true)?.[1];
  return [find(BROWSERS), find(SYSTEMS)].filter((name) => name !== undefined).join(' · ') || undefined;
}
