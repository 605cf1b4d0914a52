import type { DurationSamples, DurationsQuery, StoreRequests } from '../../db/index.ts';
import type { OperationDetail } from '../contract/operation-detail.ts';

/** The durations of past operations change slowly, and every read of an operation needs them. */
const KEPT_MS = 60_000;
/** Fewer operations say too little. */
const MIN_OPERATIONS = 3;
/** Entries of the cache. Beyond it, the oldest is dropped. */
const MAX_ENTRIES = 1_000;

export interface ExpectedDurations {
  /** Returns how long an operation will take, or null if too few past ones are known. */
  of(query: DurationsQuery): Promise<OperationDetail['expected']>;
}

/** Creates the cache of a process. */
export function createExpectedDurations({
  records,
  now,
}: {
  readonly records: Pick<StoreRequests, 'readDurations'>;
  readonly now: () => Date;
}): ExpectedDurations {
  const entries = new Map<
    string,
    { readonly untilMs: number; readonly expected: Promise<OperationDetail['expected']> }
  >();

  async function load(query: DurationsQuery): Promise<OperationDetail['expected']> {
    return expectedOf(await records.readDurations(query));
  }

  return {
    of: (query) => {
      const key = [query.kind, query.engine, query.tenantId].join(' ');
      const nowMs = now().getTime();
      const known = entries.get(key);
      if (known !== undefined && known.untilMs > nowMs) return known.expected;
      const expected = load(query);
      // A failed read is not kept.
      expected.catch(() => entries.delete(key));
      entries.delete(key);
      entries.set(key, { untilMs: nowMs + KEPT_MS, expected });
      for (const oldest of entries.keys()) {
        if (entries.size <= MAX_ENTRIES) break;
        entries.delete(oldest);
      }
      return expected;
    },
  };
}

function expectedOf({ whole, steps }: DurationSamples): OperationDetail['expected'] {
  if (whole === null || whole.basedOn < MIN_OPERATIONS) return null;
  return { ...whole, steps: steps.filter(({ basedOn }) => basedOn >= MIN_OPERATIONS) };
}
