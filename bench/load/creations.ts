import { Pool } from 'pg';
import { eventually } from '../../test/harness/eventually.ts';
import type { BenchPlatform } from '../platform.ts';
import { percentile, timed } from '../statistics.ts';

/** Polls of the records while stores are provisioned. */
const POLL_MS = 1_000;

/** Median, 95th percentile and maximum. */
export interface Spread {
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

export interface CreationsResult {
  readonly workers: number;
  readonly stores: number;
  /** Milliseconds from the request to its response. */
  readonly accepted: Spread;
  /** Seconds from the request until the store is ready. */
  readonly ready: Spread;
  /** Seconds from the first request until the last store is ready. */
  readonly seconds: number;
}

/**
 * Sends creates at once, for both engines in turn, and waits until all stores are ready.
 *
 * @throws Error that names the statuses when a store is lost, fails, or is not ready within the deadline.
 */
export async function measureCreations(
  platform: BenchPlatform,
  { stores, workers, deadlineMs }: { readonly stores: number; readonly workers: number; readonly deadlineMs: number },
): Promise<CreationsResult> {
  const records = new Pool({ connectionString: platform.env['DATABASE_URL'], max: 1 });
  try {
    for (let worker = 0; worker < workers; worker += 1) await platform.startWorker();
    const responseMs: number[] = [];
    const ids: string[] = [];
    const createOne = async (index: number): Promise<void> => {
      const engine = index % 2 === 0 ? 'medusa' : 'woocommerce';
      responseMs.push(
        await timed(async () => {
          const { storeId } = await platform.create({ engine });
          ids.push(storeId);
        }),
      );
    };
    const milliseconds = await timed(async () => {
      await Promise.all(Array.from({ length: stores }, (_, index) => createOne(index)));
      await eventually(() => requireReady(records, ids), { deadlineMs, intervalMs: POLL_MS });
    });
    return {
      workers,
      stores,
      accepted: spreadOf(responseMs),
      ready: spreadOf(await readySeconds(records, ids)),
      seconds: milliseconds / 1_000,
    };
  } finally {
    await records.end();
  }
}

async function requireReady(records: Pool, ids: readonly string[]): Promise<true> {
  const { rows } = await records.query<{ status: string; stores: number }>(
    'select status, count(*)::int as stores from stores where id = any($1) group by status order by status',
    [ids],
  );
  const ready = rows.find(({ status }) => status === 'ready')?.stores ?? 0;
  if (ready === ids.length) return true;
  throw new Error(`of ${ids.length} stores: ${rows.map(({ status, stores }) => `${stores} ${status}`).join(', ')}`);
}

async function readySeconds(records: Pool, ids: readonly string[]): Promise<readonly number[]> {
  const { rows } = await records.query<{ seconds: number }>(
    'select extract(epoch from ready_at - created_at)::float8 as seconds from stores where id = any($1)',
    [ids],
  );
  return rows.map(({ seconds }) => seconds);
}

function spreadOf(values: readonly number[]): Spread {
  return { p50: percentile(values, 50), p95: percentile(values, 95), max: percentile(values, 100) };
}
