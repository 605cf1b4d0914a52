import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { startApiProcess, type PlatformProcess } from '../harness/platform/processes.ts';
import { createDatabase, eventually, testStack, type TestDatabase } from '../harness/stack/stack.ts';
import { createTemporalNamespace, type TestNamespace } from '../harness/stack/temporal-namespace.ts';
import { createTokens, ROLES, setUpOperator, type Role } from '../harness/platform/roles.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const PHASES = 'examples,coverage,fuzzing,stateful';
/** Time for the start of schemathesis and for the request that is in progress when the time is over. */
const SLACK_MS = 180_000;
/** No limit of the platform ends the tests. Other tests cover the limits. */
const NO_LIMITS = {
  MAX_STORES_PER_TENANT: '100000',
  REQUESTS_PER_MINUTE_PER_ADDRESS: '1000000',
  READS_PER_MINUTE_PER_PRINCIPAL: '1000000',
  CHANGES_PER_MINUTE_PER_TENANT: '1000000',
};

/** Without it, all requests for webhooks get 501. */
const WEBHOOK_SECRET_KEY = randomBytes(32).toString('base64');

/** A tenant in which no token of the run acts. */
const OTHER_TENANT = 'other';

/** Seconds for each role. */
const seconds = Math.ceil(Number(process.env['CONTRACT_SECONDS'] ?? '60') / ROLES.length);

let database: TestDatabase;
let temporal: TestNamespace;
let api: PlatformProcess & { readonly url: string };
let schemathesis: string;
let tokens: Readonly<Record<Role, string>>;
beforeAll(async () => {
  ({ stdout: schemathesis } = await execa(join(REPOSITORY, '.ci', 'prepare-contract'), {
    cwd: REPOSITORY,
    stderr: 'inherit',
  }));
  database = await createDatabase();
  temporal = await createTemporalNamespace();
  const env = { ...testStack(), DATABASE_URL: database.url, TEMPORAL_NAMESPACE: temporal.namespace };
  api = await startApiProcess(env, { ...NO_LIMITS, AUTH: 'local', WEBHOOK_SECRET_KEY, LOG_LEVEL: 'info' });
  const setupUrl = await eventually(() => /"setupUrl":"([^"]+)"/.exec(api.output())?.[1]);
  const operator = await setUpOperator(setupUrl);
  tokens = await createTokens(operator);
  await operator.post('/api/admin/tenants', { tenantId: OTHER_TENANT, name: 'Other' });
}, 900_000);
afterAll(async () => {
  await api?.kill('SIGTERM');
  await temporal?.close();
  await database?.drop();
});

test.each(ROLES)(
  'each response to generated requests with a token of the role %s is one that the OpenAPI document describes',
  async (role) => {
    const config = ['--config-file', 'test/contract/schemathesis.toml'];
    const limits = ['--max-time', String(seconds), '--continue-on-failure', '--workers', '1'];
    const run = await execa(
      schemathesis,
      [...config, 'run', `${api.url}/openapi.json`, '--phases', PHASES, ...limits],
      {
        cwd: REPOSITORY,
        env: { SP_TOKEN: tokens[role], SP_OTHER_TENANT: OTHER_TENANT, NO_COLOR: '1' },
        reject: false,
        all: true,
        timeout: seconds * 1_000 + SLACK_MS,
      },
    );
    const output = run.exitCode === 0 ? '' : run.all.slice(-30_000);
    expect({ exitCode: run.exitCode, output }).toEqual({ exitCode: 0, output: '' });
    // A token that ended during the run gets 401 for everything, and the run would test nothing.
    const me = await fetch(`${api.url}/api/me`, { headers: { authorization: `Bearer ${tokens[role]}` } });
    expect(me.status).toBe(200);
    // An unexpected error is a bug also when its response is a well-formed problem.
    expect(api.output()).not.toContain('"level":"error"');
  },
  seconds * 1_000 + 2 * SLACK_MS,
);
