import { beforeEach, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger, type LogEntry } from '@temporalio/worker';
import type { UnstartedOperation } from '../../domain/ports/operation-records.ts';
import type { RunningOperation } from '../../domain/ports/reconcile-records.ts';
import type { RunProgress } from '../../domain/ports/run-progress.ts';
import type { ConditionReport } from '../../domain/store/conditions.ts';
import { anOperationInput } from '../../test/contract-tests/store-operations-contract.ts';
import { FakeStoreOperations } from '../../test/fakes/fake-store-operations.ts';
import { createLostRunActivities } from './lost-runs.ts';

const INPUT = anOperationInput();
const NOTHING_REQUESTED = { isCancelRequested: false, isUndeleteRequested: false, isSlotUnconfirmed: false };
const PAGE = { olderThanSeconds: 0, pageSize: 10, after: null, scope: 'active', deletesIn: ['default'] } as const;

let logged: LogEntry[];
let environment: MockActivityEnvironment;
let operations: FakeStoreOperations;
/** The progress of every open run. */
let progress: RunProgress | null;
let conditions: ConditionReport[];
let restartsRecorded: number[];
let records: (UnstartedOperation & RunningOperation)[];
beforeEach(() => {
  logged = [];
  environment = new MockActivityEnvironment(
    {},
    { logger: new DefaultLogger('ERROR', (entry) => void logged.push(entry)) },
  );
  operations = new FakeStoreOperations();
  progress = null;
  conditions = [];
  restartsRecorded = [];
  records = ['provision', 'delete', 'provision'].map((kind) => record(kind === 'delete' ? 'delete' : 'provision'));
});

function record(kind: 'provision' | 'delete'): UnstartedOperation & RunningOperation {
  const { store } = anOperationInput();
  return {
    store,
    kind,
    correlationId: 'c',
    runId: 'run',
    ...NOTHING_REQUESTED,
    updatedAt: new Date(),
    isStalled: false,
    restarts: 0,
    restartedAt: null,
  };
}

function activities() {
  return createLostRunActivities({
    unstarted: { listUnstarted: async () => records },
    running: {
      listRunning: async () => records,
      isStillRunning: async () => true,
      recordRestart: async ({ restarts }) => void restartsRecorded.push(restarts),
    },
    operations,
    progress: { progressOf: async () => progress },
    conditions: {
      setCondition: async ({ condition }) => {
        conditions.push(condition);
        return true;
      },
    },
    now: () => new Date(),
  });
}

describe.each(['startUnstarted', 'restartLost'] as const)('%s', (name) => {
  test('starts no delete in a cluster that has not allowed it, and starts all provisions', async () => {
    const page = { ...PAGE, deletesIn: ['other'] };
    const result = { started: 2, next: null, heldDeletesIn: ['default'] };
    expect(await environment.run(activities()[name], page)).toEqual(result);
    expect(operations.runs.map(({ kind }) => kind)).toEqual(['provision', 'provision']);
  });

  test('starts the records behind one whose start Temporal rejects', async () => {
    const [first, poison, last] = records.map(({ store }) => store.storeId);
    operations.rejected.add(poison ?? '');
    expect(await environment.run(activities()[name], PAGE)).toEqual({ started: 2, next: null, heldDeletesIn: [] });
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
function restartOne(requested: Partial<RunningOperation>, scope: 'active' | 'waiting' = 'active') {
  records = [{ ...record('provision'), ...INPUT, ...requested }];
  return environment.run(activities().restartLost, { ...PAGE, scope });
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

  test('receives the signal of its tenant slot, which the run that freed the slot may not have sent', async () => {
    await operations.start('provision', INPUT);
    await restartOne({ isSlotUnconfirmed: true });
    expect(operations.runs).toMatchObject([{ tenantSlotSignals: 1 }]);
  });

  test('receives nothing without a request', async () => {
    await operations.start('provision', INPUT);
    await restartOne({});
    expect(operations.runs).toMatchObject([{ cancelRequested: false, messages: [], tenantSlotSignals: 0 }]);
  });
});

test('a lost run of a delete is started again, also when an undelete was requested', async () => {
  await operations.start('delete', INPUT);
  operations.close(INPUT.store.storeId, 'failed');
  expect(await restartOne({ kind: 'delete', isUndeleteRequested: true })).toMatchObject({ started: 1 });
});

describe('an open run whose record has not changed for long', () => {
  const old = new Date(Date.now() - 3 * 3_600_000);

  beforeEach(async () => {
    await operations.start('provision', INPUT);
    progress = { lastEventAt: old, waitsFor: 'other', workflowTaskAttempts: 0, missingVersion: null };
  });

  test('is reported by a condition of the store and a warning', async () => {
    const warned: LogEntry[] = [];
    const logger = new DefaultLogger('WARN', (entry) => void warned.push(entry));
    environment = new MockActivityEnvironment({}, { logger });
    expect(await restartOne({ updatedAt: old })).toMatchObject({ started: 0 });
    expect(conditions).toMatchObject([{ type: 'Stalled', status: 'True', reason: 'RunNotProgressing' }]);
    expect(warned).toMatchObject([{ message: 'the run of an operation has stalled' }]);
  });

  test('is not reported while the record says that the operation waits', async () => {
    await restartOne({ updatedAt: old }, 'waiting');
    expect(conditions).toEqual([]);
  });

  test('is not looked up while its record is young', async () => {
    await restartOne({ updatedAt: new Date() });
    expect(conditions).toEqual([]);
  });

  test('is no longer reported when it makes progress again', async () => {
    progress = { lastEventAt: new Date(), waitsFor: 'activity', workflowTaskAttempts: 0, missingVersion: null };
    await restartOne({ updatedAt: new Date(), isStalled: true });
    expect(conditions).toMatchObject([{ type: 'Stalled', status: 'False' }]);
  });
});

describe('an operation whose run closes again and again', () => {
  beforeEach(async () => {
    await operations.start('provision', INPUT);
    operations.close(INPUT.store.storeId, 'failed');
  });

  test('counts its restarts', async () => {
    await restartOne({ restarts: 2, restartedAt: new Date(Date.now() - 3_600_000) });
    expect(restartsRecorded).toEqual([3]);
    expect(conditions).toEqual([]);
  });

  test('is reported to a person from the fifth restart on, and still started again', async () => {
    const restarted = await restartOne({ restarts: 4, restartedAt: new Date(Date.now() - 3_600_000) });
    expect(restarted).toMatchObject({ started: 1 });
    expect(conditions).toMatchObject([{ type: 'Stalled', status: 'True', reason: 'RunKeepsClosing' }]);
  });
});
