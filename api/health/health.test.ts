import { expect, test } from '@jest/globals';
import { StoreError } from '../../domain/failure.ts';
import { createHealth } from './health.ts';

const up = async () => undefined;
const never = () => new Promise<void>(() => undefined);
const away = async () => {
  throw new StoreError('ORCHESTRATOR_UNAVAILABLE', 'Temporal does not answer');
};

test('reports a check that never answers as down, without a delay of the other checks', async () => {
  const health = createHealth({ required: { database: up }, optional: { temporal: never } }, { timeoutMs: 10 });
  expect(await health.check()).toEqual({
    status: 'degraded',
    checks: { database: { status: 'up' }, temporal: { status: 'down', reason: 'no answer within 10 ms' } },
  });
});

test('names the reason of an expected failure, and not that of a bug, which may contain a secret', async () => {
  const bug = new Error('postgres://user:password@host');
  const logged: unknown[] = [];
  const health = createHealth(
    {
      required: {
        database: () => {
          throw bug;
        },
      },
      optional: { temporal: away },
    },
    { onUnexpected: (check, error) => logged.push([check, error]) },
  );
  expect(await health.check()).toEqual({
    status: 'down',
    checks: {
      database: { status: 'down', reason: 'the check failed; the log has the reason' },
      temporal: { status: 'down', reason: 'Temporal does not answer' },
    },
  });
  expect(logged).toEqual([['database', bug]]);
});

test.each([
  ['up', { required: { a: up }, optional: { b: up } }],
  ['degraded', { required: { a: up }, optional: { b: away } }],
  ['down', { required: { a: away }, optional: { b: up } }],
] as const)('is %s', async (status, checks) => {
  expect((await createHealth(checks).check()).status).toBe(status);
});
