import type { AuditEntry } from '@store-platform/client';

export type Outcome = AuditEntry['outcome'];
export const OUTCOMES: readonly Outcome[] = ['succeeded', 'refused', 'failed'];

const HOUR_MS = 3_600_000;

/** Lengths of the ranges that end now, in milliseconds. */
const RANGE_MS = { hour: HOUR_MS, day: 24 * HOUR_MS, week: 7 * 24 * HOUR_MS, month: 30 * 24 * HOUR_MS } as const;
export const RANGES = ['all', 'hour', 'day', 'week', 'month', 'custom'] as const;
export type Range = (typeof RANGES)[number];

/** The filter of the audit log, as the address of the page has it. */
export interface AuditFilter {
  readonly actor?: string;
  readonly action?: string;
  readonly outcome?: Outcome;
  readonly target?: string;
  readonly range: Range;
  /** Instants of the range `custom`. */
  readonly from?: string;
  readonly before?: string;
}

/** Reads the filter from the address. Values that are not valid are left out. */
export function filterOf(search: URLSearchParams): AuditFilter {
  const text = (name: string): string | undefined => search.get(name)?.trim() || undefined;
  const instant = (name: string): string | undefined => {
    const at = Date.parse(search.get(name) ?? '');
    return Number.isNaN(at) ? undefined : new Date(at).toISOString();
  };
  return {
    actor: text('actor'),
    action: text('action'),
    outcome: OUTCOMES.find((outcome) => outcome === search.get('outcome')),
    target: text('target'),
    range: RANGES.find((range) => range === search.get('range')) ?? 'all',
    from: instant('from'),
    before: instant('before'),
  };
}

/** Returns the address of a filter: only what differs from no filter. */
export function searchOf({ range, from, before, ...terms }: AuditFilter): Record<string, string> {
  const entries = Object.entries({
    ...terms,
    ...(range === 'all' ? {} : { range }),
    ...(range === 'custom' ? { from, before } : {}),
  });
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Returns the filter as the API reads it. */
export function queryOf({ range, from, before, ...terms }: AuditFilter, nowMs: number) {
  if (range === 'all') return terms;
  if (range === 'custom') return { ...terms, from, before };
  return { ...terms, from: new Date(nowMs - RANGE_MS[range]).toISOString() };
}

/** Returns an instant as a field of the type `datetime-local` reads it, in the zone of the browser. */
export function localFieldOf(instant: string | undefined): string {
  if (instant === undefined) return '';
  const at = new Date(instant);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
