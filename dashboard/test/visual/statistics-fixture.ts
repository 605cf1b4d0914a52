import type { Statistics } from '@store-platform/client';

const DAY_MS = 86_400_000;
const FIRST_DAY_MS = Date.UTC(2026, 0, 19);
const DAYS = Array.from({ length: 30 }, (_, day) => ({ at: new Date(FIRST_DAY_MS + day * DAY_MS).toISOString(), day }));

/** Returns a number from `from` to `to` that looks random and is the same in each run. */
function between(from: number, to: number, seed: number): number {
  return from + (((seed * 7_919 + 104_729) % 1_009) % (to - from + 1));
}

let resident = 17;
const STORES_OVER_TIME: Statistics['storesOverTime'] = DAYS.map(({ at, day }) => {
  const created = between(1, 7, day);
  const deleted = between(0, 3, day + 50);
  resident += created - deleted;
  return { at, created, deleted, resident };
});

/** The statistics of 30 days. */
export const STATISTICS: Statistics = {
  from: new Date(FIRST_DAY_MS).toISOString(),
  to: '2026-02-17T09:30:00.000Z',
  bucket: 'day',
  stores: [
    { status: 'ready', engine: 'woocommerce', count: 61 },
    { status: 'ready', engine: 'medusa', count: 24 },
    { status: 'held', engine: 'medusa', count: 1 },
    { status: 'failed', engine: 'woocommerce', count: 3 },
  ],
  storesOverTime: STORES_OVER_TIME,
  operations: STORES_OVER_TIME.flatMap(({ at, created, deleted }, day): Statistics['operations'] => [
    { at, kind: 'provision', outcome: 'succeeded', count: created },
    ...(deleted > 0 ? [{ at, kind: 'delete', outcome: 'succeeded', count: deleted } as const] : []),
    ...(day % 4 === 0 ? [{ at, kind: 'provision', outcome: 'failed', count: 1 } as const] : []),
  ]),
  failures: DAYS.filter(({ day }) => day % 4 === 0).map(({ at, day }) => ({
    at,
    code: day % 8 === 0 ? 'IMAGE_PULL_FAILED' : 'CRASH_LOOP',
    count: 1,
  })),
  timeToReady: (['woocommerce', 'medusa'] as const).map((engine, index) => ({
    engine,
    count: 40,
    p50Seconds: 18 + index * 20,
    p90Seconds: 31 + index * 22,
    p99Seconds: 55 + index * 30,
    histogram: [5, 10, 20, 30, 60, 120, 300, null].map((upToSeconds, position) => ({
      upToSeconds,
      count: [0, 3, 17, 12, 6, 2, 0, 0].at(position - index) ?? 0,
    })),
  })),
  provisionSteps: (['prepare-namespace', 'ensure-secrets', 'install-release', 'await-ready', 'verify'] as const).map(
    (step, index) => ({
      step,
      count: 80,
      p50Seconds: 1 + index * 3,
      p90Seconds: 2 + index * 5,
      p99Seconds: 4 + index * 8,
    }),
  ),
};
