import { beforeEach, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger, type LogEntry } from '@temporalio/worker';
import type { UnstartedOperation } from '../../domain/ports/operation-records.ts';
import type { RunningOperation } from '../../domain/ports/reconcile-records.ts';
import { anOperationInput } from '../../test/contract-tests/store-operations-contract.ts';
import { FakeStoreOperations } from '../../test/fakes/fake-store-operations.ts';
import { createLostRunActivities } from './lost-runs.ts';

const INPUT = anOperationInput();
const PAGE = { olderThanSeconds: 0, pageSize: 10, after: null, scope: 'active' } as const;

let logged: LogEntry[];
let environment: MockActivityEnvironment;
let arePaused = false;
let operations: FakeStoreOperations;
let records: (UnstartedOperation & RunningOperation)[];
beforeEach(() => {
  logged = [];
  environment = new MockActivityEnvironment(
    {},
    { logger: new DefaultLogger('ERROR', (entry) => void logged.push(entry)) },
  );
  arePaused = false;
  operations = new FakeStoreOperations();
  records = ['provision', 'delete', 'provision'].map((kind) => record(kind === 'delete' ? 'delete' : 'provision'));
});

function record(kind: 'provision' | 'delete'): UnstartedOperation & RunningOperation {
  const { store } = anOperationInput();
  return { store, kind, correlationId: 'c', runId: 'run', isCancelRequested: false, isUndeleteRequested: false };
}

function activities() {
  return createLostRunActivities({
    unstarted: { listUnstarted: async () => records },
    running: { listRunning: async () => records, isStillRunning: async () => true },
    operations,
    guard: { arePaused: async () => arePaused },
    now: () => new Date(),
  });
}

describe.each(['startUnstarted', 'restartLost'] as const)('%s', (name) => {
  test('starts no delete while removals are paused, and starts all provisions', async () => {
    arePaused = true;
    expect(await environment.run(activities()[name], PAGE)).toEqual({ started: 2, next: null });
    expect(operations.runs.map(({ kind }) => kind)).toEqual(['provision', 'provision']);
  });

  test('starts the records behind one whose start Temporal rejects', async () => {
    const [first, poison, last] = records.map(({ store }) => store.storeId);
    operations.rejected.add(poison ?? '');
    expect(await environment.run(activities()[name], PAGE)).toEqual({ started: 2, next: null });
    expect(logged).toMatchObject([
      {
        message: 'the run of an operation could not start',
        meta: { storeId: poison, kind: 'delete', reason: expect.stringContaining('INVALID_ARGUMENT') },
      },
    ]);
    expect(operations.runs.map(({ input }) => input.store.storeId)).toEqual([first, last]);
  });

  test('fails when Temporal is unavailable, so that the activity is retried', async () => {
    operations.away = true;
    await expect(environment.run(activities()[name], PAGE)).rejects.toMatchObject({ code: 'ORCHESTRATOR_UNAVAILABLE' });
  });
});

/** Runs one page of the search for lost runs over one operation of the store. */
function restartOne(requested: Partial<RunningOperation>) {
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
    guard: { arePaused: async () => arePaused },
    now: () => new Date(),
  });
  return environment.run(activity, PAGE);
}

describe('an open run', () => {
  test('receives the cancel of its record, which the API may not have sent', async () => {
    await operations.start('provision', INPUT);
    expect(await restartOne({ isCancelRequested: true })).toMatchObject({ started: 0 });
    expect(operations.runs).toMatchObject([{ cancelRequested: true }]);
  });

  test('receives the undelete of its record, which the API may not have sent', async () => {
    await operations.start('delete', INPUT);
    await restartOne({ kind: 'delete', isUndeleteRequested: true });
    expect(operations.runs).toMatchObject([{ messages: [{ action: 'undelete' }] }]);
  });

  test('receives nothing without a request', async () => {
    await operations.start('provision', INPUT);
    await restartOne({});
    expect(operations.runs).toMatchObject([{ cancelRequested: false, messages: [] }]);
  });
});

test('a lost run of a delete is started again, also when an undelete was requested', async () => {
  await operations.start('delete', INPUT);
  operations.close(INPUT.store.storeId, 'failed');
  expect(await restartOne({ kind: 'delete', isUndeleteRequested: true })).toMatchObject({ started: 1 });
});
