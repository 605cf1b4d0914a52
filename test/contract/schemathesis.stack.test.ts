import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { startApiProcess, type PlatformProcess } from '../harness/platform/processes.ts';
import { createDatabase, testStack, type TestDatabase } from '../harness/stack/stack.ts';
import { createTemporalNamespace, type TestNamespace } from '../harness/stack/temporal-namespace.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const PHASES = 'examples,coverage,fuzzing,stateful';
/** Time for the start of schemathesis and for the request that is in progress when the time is over. */
const SLACK_MS = 180_000;

const seconds = Number(process.env['CONTRACT_SECONDS'] ?? '60');

let database: TestDatabase;
let temporal: TestNamespace;
let api: PlatformProcess & { readonly url: string };
let schemathesis: string;
beforeAll(async () => {
  ({ stdout: schemathesis } = await execa('.ci/prepare-contract', { cwd: REPOSITORY, stderr: 'inherit' }));
  database = await createDatabase();
  temporal = await createTemporalNamespace();
  api = await startApiProcess(
    { ...testStack(), DATABASE_URL: database.url, TEMPORAL_NAMESPACE: temporal.namespace },
    { MAX_STORES_PER_TENANT: '100000', LOG_LEVEL: 'error' },
  );
}, 900_000);
afterAll(async () => {
  await api?.kill('SIGTERM');
  await temporal?.close();
  await database?.drop();
});

test(
  'each response to generated requests is one that the OpenAPI document describes',
  async () => {
    const config = ['--config-file', 'test/contract/schemathesis.toml'];
    const limits = ['--max-time', String(seconds), '--continue-on-failure', '--workers', '1'];
    const run = await execa(
      schemathesis,
      [...config, 'run', `${api.url}/openapi.json`, '--phases', PHASES, ...limits],
      {
        cwd: REPOSITORY,
        env: { SP_AUTHORIZATION: 'Bearer none', NO_COLOR: '1' },
        reject: false,
        all: true,
        timeout: seconds * 1_000 + SLACK_MS,
      },
    );
    const output = run.exitCode === 0 ? '' : run.all.slice(-20_000);
    expect({ exitCode: run.exitCode, output }).toEqual({ exitCode: 0, output: '' });
    // An error that the API answers with a well-formed 500 is a bug, too.
    expect(api.output()).not.toContain('"level":"error"');
  },
  seconds * 1_000 + 2 * SLACK_MS,
);
