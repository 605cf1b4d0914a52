import { randomUUID } from 'node:crypto';
import { Pool as Database } from 'pg';
import { Pool } from 'undici';

import { startBareServer } from '../bare-server-process.ts';
import type { BenchPlatform } from '../platform.ts';
import { milliseconds, ratioFinding, type Finding } from '../report.ts';
import { alternate, medianOf, pairedRatio } from '../statistics.ts';
import { copyStores } from '../../test/factories/copy-stores.ts';

const WARM_UP = 30;
/** Pause before a request that Temporal takes part in: its development server still writes after its response. */
const START_PAUSE_MS = 50;
const SMALL = 100;
const LARGE = 100_000;
const PAGE = 20;

/** Opens the database of the platform as its owner, without row-level security. */
function openDatabase({ env }: BenchPlatform): Database {
  return new Database({ connectionString: env['DATABASE_URL'], max: 1 });
}

/**
 * Compares `POST /api/stores` with a token, limits, audit log and row-level security with a server that does only the two writes
 * that it cannot do without: the insert of one row and the start of a workflow. The table of the insert has the columns and
 * indexes of `stores`. Both are processes of their own.
 */
export async function postAgainstInsertAndStart(platform: BenchPlatform, pairCount: number): Promise<Finding> {
  const { storeId } = await platform.create();
  const database = openDatabase(platform);
  const bare = await startBareServer(platform.env);
  try {
    await database.query('create table bench_stores (like stores including all)');
    const pairs = await alternate(
      {
        platform: () => platform.create(),
        baseline: () => bare.send('POST', '/stores', { id: randomUUID(), copied: storeId }),
      },
      { pairs: pairCount, warmUp: WARM_UP, pauseMs: START_PAUSE_MS },
    );
    return ratioFinding({
      measurement: `\`POST /api/stores\` with token, limits, audit log and row-level security, p50 of ${pairCount}`,
      platform: milliseconds(medianOf(pairs, 'platform')),
      baseline: `a server that inserts one row and starts the workflow: ${milliseconds(medianOf(pairs, 'baseline'))}`,
      ratio: pairedRatio(pairs, Math.random),
      target: 1.3,
    });
  } finally {
    await bare.stop();
    await database.end();
  }
}

/**
 * Compares `GET /api/stores/:id` with a server that does nothing but select the row by its key and send it as JSON. Both are
 * processes of their own.
 */
export async function getAgainstSelect(platform: BenchPlatform, pairCount: number): Promise<Finding> {
  const { storeId } = await platform.create();
  const bare = await startBareServer(platform.env);
  try {
    const pairs = await alternate(
      { platform: () => platform.get(storeId), baseline: () => bare.send('GET', `/stores/${storeId}`) },
      { pairs: pairCount, warmUp: 10 * WARM_UP },
    );
    return ratioFinding({
      measurement: `\`GET /api/stores/:id\` with token, limits and row-level security, p50 of ${pairCount}`,
      platform: milliseconds(medianOf(pairs, 'platform')),
      baseline: `a server that selects the row by key: ${milliseconds(medianOf(pairs, 'baseline'))}`,
      ratio: pairedRatio(pairs, Math.random),
      target: 2,
    });
  } finally {
    await bare.stop();
  }
}

/** Adds a tenant of which the user is the admin. */
async function addTenant(database: Database, tenantId: string): Promise<void> {
  await database.query({
    text: 'insert into tenants values ($1, $1, null, null, null, now(), now())',
    values: [tenantId],
  });
  await database.query({
    text: `insert into members select $1, user_id, 'admin', now() from members limit 1`,
    values: [tenantId],
  });
}

/** Compares the first page of a tenant with 100,000 stores with that of a tenant with 100. */
export async function pageOfManyStores(platform: BenchPlatform, pairCount: number): Promise<Finding> {
  const { storeId } = await platform.create();
  const cookie = platform.operator?.session.cookie ?? '';
  const database = openDatabase(platform);
  const http = new Pool(platform.url);
  try {
    await addTenant(database, 'small');
    await addTenant(database, 'large');
    await copyStores(database, { tenantId: 'small', storeId, count: SMALL });
    await copyStores(database, { tenantId: 'large', storeId, count: LARGE });
    const pageOf = (tenantId: string) => async () => {
      const { data } = await list(http, { cookie, tenantId });
      if (data.length !== PAGE) throw new Error(`the page of ${tenantId} has ${data.length} stores`);
    };
    const pairs = await alternate(
      { platform: pageOf('large'), baseline: pageOf('small') },
      { pairs: pairCount, warmUp: 3 * WARM_UP },
    );
    return ratioFinding({
      measurement: `\`GET /api/stores?limit=${PAGE}\` of a tenant with ${LARGE} stores, p50 of ${pairCount}`,
      platform: milliseconds(medianOf(pairs, 'platform')),
      baseline: `a tenant with ${SMALL} stores: ${milliseconds(medianOf(pairs, 'baseline'))}`,
      ratio: pairedRatio(pairs, Math.random),
      target: 2,
    });
  } finally {
    await http.close();
    await database.end();
  }
}

/** Returns the first page of the stores of a tenant. */
async function list(
  http: Pool,
  { cookie, tenantId }: { readonly cookie: string; readonly tenantId: string },
): Promise<{ readonly data: readonly unknown[] }> {
  const path = `/api/stores?limit=${PAGE}`;
  const { statusCode, body } = await http.request({
    method: 'GET',
    path,
    headers: { cookie, 'x-tenant-id': tenantId },
  });
  if (statusCode !== 200) throw new Error(`GET ${path} responded with ${statusCode}: ${await body.text()}`);
  return (await body.json()) as { readonly data: readonly unknown[] };
}
