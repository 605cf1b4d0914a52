import { beforeEach, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { RunningOperation } from '../../domain/ports/reconcile-records.ts';
import { FakeStoreOperations } from '../../test/fakes/fake-store-operations.ts';
import { createLostRunActivities } from './lost-runs.ts';

const STORE = {
  storeId: '8b6d4f0e-6c3b-5d0a-9c41-2f3a1f1f7f10',
  tenantId: 'tenant',
  name: 'Acme',
  engine: 'medusa',
  namespace: 'store-acme',
  releaseName: 'acme',
  host: 'acme.localhost',
} as const;
const INPUT = { store: STORE, correlationId: 'c' };

let operations: FakeStoreOperations;
beforeEach(() => {
  operations = new FakeStoreOperations();
});

/** Runs one page of the search for lost runs over one operation of the store. */
function restartLost(requested: Partial<RunningOperation>) {
  const operation: RunningOperation = {
    ...INPUT,
    kind: 'provision',
    runId: 'run',
    isCancelRequested: false,
    isUndeleteRequested: false,
    ...requested,
  };
  const { restartLost: activity } = createLostRunActivities({
    unstarted: { listUnstarted: async () => [] },
    running: { listRunning: async () => [operation], isStillRunning: async () => true },
    operations,
    now: () => new Date(),
  });
  const input = { olderThanSeconds: 120, pageSize: 100, after: null, scope: 'active' } as const;
  return new MockActivityEnvironment().run(activity, input);
}

describe('an open run', () => {
  test('receives the cancel of its record, which the API may not have sent', async () => {
    await operations.start('provision', INPUT);
    expect(await restartLost({ isCancelRequested: true })).toMatchObject({ started: 0 });
    expect(operations.runs).toMatchObject([{ cancelRequested: true }]);
  });

  test('receives the undelete of its record, which the API may not have sent', async () => {
    await operations.start('delete', INPUT);
    await restartLost({ kind: 'delete', isUndeleteRequested: true });
    expect(operations.runs).toMatchObject([{ messages: [{ action: 'undelete' }] }]);
  });

  test('receives nothing without a request', async () => {
    await operations.start('provision', INPUT);
    await restartLost({});
    expect(operations.runs).toMatchObject([{ cancelRequested: false, messages: [] }]);
  });
});

test('a lost run of a delete is started again, also when an undelete was requested', async () => {
  await operations.start('delete', INPUT);
  operations.close(STORE.storeId, 'failed');
  expect(await restartLost({ kind: 'delete', isUndeleteRequested: true })).toMatchObject({ started: 1 });
});
