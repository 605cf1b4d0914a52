import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { Pool } from 'pg';

/*
 * The baseline of a read: it selects one row by its key and sends it as JSON. It has no authentication, limits, tenants, log or
 * contract.
 */
const { env } = process; // oxlint-disable-line node/no-process-env
const database = new Pool({ connectionString: env['DATABASE_URL'], max: 10 });
const app = new Hono();
app.get('/stores/:id', async (c) => {
  const { rows } = await database.query({
    name: 'store',
    text: 'select * from stores where id = $1',
    values: [c.req.param('id')],
  });
  return c.json(rows[0]);
});
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
  process.stdout.write(`listening on http://127.0.0.1:${port}\n`);
});
