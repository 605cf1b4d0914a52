const MASK = '[redacted]';
/** Shorter values are not secrets, and masking them would hide ordinary words. */
const MIN_SECRET_LENGTH = 8;

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // user:password@ in URLs
  [/([a-z][a-z0-9+.-]*:\/\/[^\s:@/]*):[^\s@/]+@/gi, `$1:${MASK}@`],
  [/\b(bearer|basic)\s+[a-z0-9._~+/=-]{8,}/gi, `$1 ${MASK}`],
  // JSON Web Tokens
  [/\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/g, MASK],
  [
    /((?:password|passwd|pwd|secret|token|api[_-]?key|private[_-]?key)["']?\s*[=:]\s*)(?:"[^"]*"|'[^']*'|[^\s,;}&]+)/gi,
    `$1${MASK}`,
  ],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, MASK],
];

/** Masks the given secret values, plain and in base64, and text that has the form of a secret. */
export function redact(text: string, secretValues: readonly string[] = []): string {
  let redacted = text;
  const values = secretValues
    .filter((value) => value.length >= MIN_SECRET_LENGTH)
    .flatMap((value) => [value, Buffer.from(value).toString('base64')])
    .toSorted((a, b) => b.length - a.length); // a secret that contains another one comes first
  for (const value of values) redacted = redacted.replaceAll(value, MASK);
  for (const [pattern, replacement] of PATTERNS) redacted = redacted.replaceAll(pattern, replacement);
  return redacted;
}

/** Returns the text as one line of at most `maxLength` characters, without control characters. */
export function oneLine(text: string, maxLength = 300): string {
  // oxlint-disable-next-line no-control-regex -- the pattern removes control characters
  const line = text.replaceAll(/[\s\u0000-\u001f\u007f]+/g, ' ').trim();
  return line.length <= maxLength ? line : `${line.slice(0, maxLength - 1)}…`;
}
