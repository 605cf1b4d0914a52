/** Widths of the intervals into which a range of time is divided. They begin at full hours and days of UTC. */
export const TIME_BUCKETS = ['hour', 'day'] as const;
export type TimeBucket = (typeof TIME_BUCKETS)[number];

/** A range of time: from `from` to before `to`. */
export interface TimeRange {
  readonly from: Date;
  readonly to: Date;
}

/** A range that begins at the start of a bucket. */
export interface BucketedRange extends TimeRange {
  readonly bucket: TimeBucket;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const BUCKET_MS = { hour: HOUR_MS, day: DAY_MS } as const satisfies Record<TimeBucket, number>;

/** Range of a request that does not say. */
export const DEFAULT_RANGE_DAYS = 30;
/** The longest range. It bounds the number of buckets and the rows that a query reads. */
export const MAX_RANGE_DAYS = 90;
/** Longer ranges have buckets of a day, so that a picture has at most 90 of them. */
const MAX_HOURLY_DAYS = 3;

/** Upper ends of the classes of the time to ready, in seconds. A last class has everything above. */
export const READY_BOUNDS_SECONDS = [5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900] as const;

/**
 * Returns the range with the width of its buckets. The range begins at the start of its first bucket, so that this bucket has
 * all of its time. UTC has no daylight saving time, so all hours and all days have the same length.
 */
export function inBuckets({ from, to }: TimeRange): BucketedRange {
  const bucket = to.getTime() - from.getTime() <= MAX_HOURLY_DAYS * DAY_MS ? 'hour' : 'day';
  const width = BUCKET_MS[bucket];
  return { from: new Date(Math.floor(from.getTime() / width) * width), to, bucket };
}

/** Returns the start of each bucket. */
export function bucketStarts({ from, to, bucket }: BucketedRange): readonly Date[] {
  const width = BUCKET_MS[bucket];
  const count = Math.ceil((to.getTime() - from.getTime()) / width);
  return Array.from({ length: count }, (_, index) => new Date(from.getTime() + index * width));
}

/** Returns why a range is not allowed, and the field to change. Undefined: it is allowed. */
export function rangeProblem({ from, to }: TimeRange): { readonly field: 'from'; readonly detail: string } | undefined {
  const lengthMs = to.getTime() - from.getTime();
  if (lengthMs <= 0) return { field: 'from', detail: 'must be earlier than to' };
  if (lengthMs <= MAX_RANGE_DAYS * DAY_MS) return undefined;
  return { field: 'from', detail: `must be at most ${MAX_RANGE_DAYS} days before to` };
}

/** Returns the range that ends at `to` and has the default length. */
export function defaultFrom(to: Date): Date {
  return new Date(to.getTime() - DEFAULT_RANGE_DAYS * DAY_MS);
}

/** Changes of the number of stores in a bucket. */
export interface StoreChanges {
  readonly at: Date;
  readonly created: number;
  readonly deleted: number;
}

/** Changes in a bucket, and the number of stores at its end. */
export interface StoresInBucket extends StoreChanges {
  readonly resident: number;
}

/**
 * Returns one entry for each bucket, also for those without a change.
 *
 * @param before Number of stores at the start of the first bucket.
 */
export function storesOverTime(
  starts: readonly Date[],
  before: number,
  changes: readonly StoreChanges[],
): readonly StoresInBucket[] {
  const byStart = new Map(changes.map((change) => [change.at.getTime(), change]));
  let resident = before;
  return starts.map((at) => {
    const { created = 0, deleted = 0 } = byStart.get(at.getTime()) ?? {};
    resident += created - deleted;
    return { at, created, deleted, resident };
  });
}

export interface HistogramClass {
  /** All durations of the class are shorter. Null: it has no upper end. */
  readonly upToSeconds: number | null;
  readonly count: number;
}

/**
 * Returns all classes of the time to ready, also the empty ones.
 *
 * @param counts Number of durations by the index of their class. The class after the last bound has no upper end.
 */
export function readyHistogram(counts: ReadonlyMap<number, number>): readonly HistogramClass[] {
  return [...READY_BOUNDS_SECONDS, null].map((upToSeconds, index) => ({ upToSeconds, count: counts.get(index) ?? 0 }));
}
