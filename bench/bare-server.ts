import { serve } from '@hono/node-server';
import { Client, Connection } from '@temporalio/client';
import { Hono } from 'hono';
import { Pool } from 'pg';
import { readInstallation } from '../test/harness/platform/installation.ts';
import { directToLoopback } from '../temporal/direct-connection.ts';
import { startWorkflow } from './start-workflow.ts';

/*
 * The baseline of requests: it does what a request cannot do without, and sends the result as JSON. It has no authentication,
 * limits, tenants, quotas, idempotency, events, log or contract.
 */
const { env } = process; // oxlint-disable-line node/no-process-env
const databaseUrl = env['DATABASE_URL'] ?? '';
const database = new Pool({ connectionString: databaseUrl, max: 10 });
const connection = await Connection.connect(directToLoopback({ address: env['TEMPORAL_ADDRESS'] ?? '' }));
const temporal = { client: new Client({ connection }), installation: await readInstallation(databaseUrl) };

/** Inserts a copy of a row into a table with the columns and indexes of `stores`. */
async function insert(id: string, copied: string): Promise<void> {
  await database.query({
    name: 'insert',
    text: `insert into bench_stores select copy.* from stores s, jsonb_populate_record(s, jsonb_build_object(
             'id', $1::text, 'namespace', 'store-' || $1, 'idempotency_key', $1)) copy where s.id = $2`,
    values: [id, copied],
  });
}

const app = new Hono();
app.get('/stores/:id', async (c) => {
  const { rows } = await database.query({
    name: 'store',
    text: 'select * from stores where id = $1',
    values: [c.req.param('id')],
  });
  return c.json(rows[0]);
});
app.post('/runs', async (c) => {
  const { id } = await c.req.json<{ id: string }>();
  await startWorkflow(temporal, id);
  return c.json({ id }, 202);
});
app.post('/stores', async (c) => {
  const { id, copied } = await c.req.json<{ id: string; copied: string }>();
  await insert(id, copied);
  await startWorkflow(temporal, id);
  return c.json({ id }, 202);
});
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
  process.stdout.write(`listening on http://127.0.0.1:${port}\n`);
});
