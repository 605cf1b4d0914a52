/** The mark on a volume that the volume policy keeps without an end. */
export const KEPT_FOREVER = 'forever';

/** The meaning of the annotation `store-platform.dev/kept-until`. Only an instant lets the platform delete the volume. */
export type KeptUntil =
  | { readonly kind: 'instant'; readonly at: Date }
  | { readonly kind: 'forever' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'invalid'; readonly mark: string };

/** An instant in UTC, as the platform writes it. Dates without a time and other time zones are ambiguous to readers. */
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/;
const SECONDS_LENGTH = '2026-01-02T03:04:05'.length;

/** Reads the mark of a kept volume. A person may have edited it. */
export function parseKeptUntil(mark: string | undefined): KeptUntil {
  if (mark === undefined) return { kind: 'missing' };
  if (mark === KEPT_FOREVER) return { kind: 'forever' };
  const at = new Date(mark);
  // `Date` turns February 30 into March 2.
  const isInstant =
    INSTANT.test(mark) && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(mark.slice(0, SECONDS_LENGTH));
  return isInstant ? { kind: 'instant', at } : { kind: 'invalid', mark };
}
