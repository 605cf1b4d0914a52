import autocannon from 'autocannon';
import { Pool } from 'pg';
import { copyStores } from '../../test/factories/copy-stores.ts';
import type { BenchPlatform } from '../platform.ts';

const CONNECTIONS = 20;
const PAGE = 20;

export interface ReadsResult {
  readonly records: number;
  readonly requestsPerSecond: number;
  readonly seconds: number;
  readonly responses: number;
  /** Responses with another status than 2xx, requests without a response, and requests that took too long. */
  readonly failures: number;
  /** Milliseconds. A request that was sent late counts from the time at which it was due. */
  readonly latency: { readonly p50: number; readonly p97_5: number; readonly p99: number; readonly max: number };
}

/** Sends mixed reads at a constant rate to an API whose tenant has many stores. */
export async function measureReads(
  platform: BenchPlatform,
  load: { readonly records: number; readonly rate: number; readonly seconds: number },
): Promise<ReadsResult> {
  const { storeId } = await platform.create();
  const database = new Pool({ connectionString: platform.env['DATABASE_URL'], max: 1 });
  try {
    await copyStores(database, { storeId, count: load.records });
  } finally {
    await database.end();
  }
  const result = await autocannon({
    url: platform.url,
    connections: CONNECTIONS,
    overallRate: load.rate,
    duration: load.seconds,
    headers: { authorization: `Bearer ${platform.operator?.token ?? ''}` },
    requests: mixOf(storeId).map((path) => ({ method: 'GET', path })),
  });
  const { p50, p97_5, p99, max } = result.latency;
  return {
    records: load.records,
    requestsPerSecond: load.rate,
    seconds: load.seconds,
    responses: result['2xx'],
    failures: result.non2xx + result.errors + result.timeouts,
    latency: { p50, p97_5, p99, max },
  };
}

/** Ten reads: a store, pages of stores with filters, and the history of a store. */
function mixOf(storeId: string): readonly string[] {
  const store = `/api/stores/${storeId}`;
  return [
    store,
    `/api/stores?limit=${PAGE}`,
    store,
    `${store}/events`,
    store,
    `/api/stores?limit=${PAGE}&status=requested&sort=-createdAt`,
    store,
    `/api/stores?limit=${PAGE}&name=4242`,
    store,
    `${store}/operations`,
  ];
}
