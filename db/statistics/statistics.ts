import { PROVISION_STEPS } from '../../domain/operations/catalogue.ts';
import type { DurationStatistics, Statistics, StatisticsRecords } from '../../domain/ports/statistics-records.ts';
import { bucketStarts, readyHistogram, storesOverTime, type BucketedRange } from '../../domain/statistics.ts';
import { translatingConnectionErrors } from '../connection/errors.ts';
import type { Database, Queries } from '../connection/open-db.ts';
import {
  endedOperations,
  type Percentiles,
  type Scope,
  stepTimes,
  storeChanges,
  storesByStatus,
  timesToReady,
} from './queries.ts';

/** Creates the statistics on a database. */
export function createStatisticsRecords(db: Database): StatisticsRecords {
  return translatingConnectionErrors({
    statisticsOfTenant: (tenantId: string, range: BucketedRange) =>
      db.asTenant.query(tenantId, (queries) => readStatistics(queries, tenantId, range)),
    statisticsOfAll: (tenantId: string | undefined, range: BucketedRange) => readStatistics(db, tenantId, range),
  });
}

async function readStatistics(db: Queries, scope: Scope, range: BucketedRange): Promise<Statistics> {
  const [stores, changes, ended, ready, steps] = await Promise.all([
    storesByStatus(db, scope),
    storeChanges(db, scope, range),
    endedOperations(db, scope, range),
    timesToReady(db, scope, range),
    stepTimes(db, scope, range),
  ]);
  return {
    ...range,
    stores,
    ...overTime(range, changes),
    ...byBucket(ended),
    timeToReady: ready.map(({ engine, classes, ...row }) => ({
      engine,
      ...durationOf(row),
      histogram: readyHistogram(new Map(Object.entries(classes).map(([index, count]) => [Number(index), count]))),
    })),
    provisionSteps: PROVISION_STEPS.flatMap((step) => {
      const row = steps.find((candidate) => candidate.step === step);
      return row === undefined ? [] : [{ step, ...durationOf(row) }];
    }),
  };
}

function overTime(
  range: BucketedRange,
  changes: Awaited<ReturnType<typeof storeChanges>>,
): Pick<Statistics, 'storesOverTime'> {
  const before = changes.find(({ at }) => at === null)?.created ?? 0;
  const inRange = changes.flatMap(({ at, created, deleted }) =>
    at === null ? [] : [{ at: new Date(at), created, deleted }],
  );
  return { storesOverTime: storesOverTime(bucketStarts(range), before, inRange) };
}

/** Returns the operations by outcome, and the failed ones by code. The rows have one count for each outcome and code. */
function byBucket(rows: Awaited<ReturnType<typeof endedOperations>>): Pick<Statistics, 'operations' | 'failures'> {
  const outcomes = new Map<string, Statistics['operations'][number]>();
  const failures = new Map<string, Statistics['failures'][number]>();
  for (const { at: atMs, kind, outcome, code, count } of rows) {
    const at = new Date(atMs);
    const ofOutcome = `${atMs} ${kind} ${outcome}`;
    outcomes.set(ofOutcome, { at, kind, outcome, count: count + (outcomes.get(ofOutcome)?.count ?? 0) });
    if (code === null) continue;
    const ofCode = `${atMs} ${code}`;
    failures.set(ofCode, { at, code, count: count + (failures.get(ofCode)?.count ?? 0) });
  }
  return { operations: [...outcomes.values()], failures: [...failures.values()] };
}

function durationOf({ count, percentiles: [p50, p90, p99] }: Percentiles): DurationStatistics {
  return { count, p50Seconds: tenths(p50), p90Seconds: tenths(p90), p99Seconds: tenths(p99) };
}

function tenths(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
