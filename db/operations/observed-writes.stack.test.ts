import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { CompletedStep, EndedOperation } from '../../domain/ports/operation-observer.ts';
import { completed, OUTCOMES } from '../../test/factories/outcomes.ts';
import { activityInput, later, NOW, openTestRecords, type TestRecords } from '../../test/factories/store-records.ts';
import { createStores, type Stores } from '../index.ts';

let records: TestRecords;
let observed: Stores;
const steps: CompletedStep[] = [];
const ended: EndedOperation[] = [];
beforeAll(async () => {
  records = await openTestRecords();
  observed = createStores(records.db, {
    stepCompleted: (step) => steps.push(step),
    operationEnded: (operation) => ended.push(operation),
  });
});
beforeEach(() => {
  steps.length = 0;
  ended.length = 0;
});
afterAll(() => records.drop());

test('an observer learns about each step and each end once, although the activity is delivered twice', async () => {
  const { input } = await records.begun();
  const progress = {
    ...input,
    completed: completed('prepare-namespace'),
    started: 'ensure-secrets',
    failed: null,
    nodes: null,
  } as const;
  const end = { ...input, outcome: OUTCOMES.ready };
  for (let delivery = 0; delivery < 2; delivery += 1) await observed.recordProgress(progress, later(1));
  for (let delivery = 0; delivery < 2; delivery += 1) await observed.end(end, later(60));
  const step = { kind: 'provision', engine: 'woocommerce', durationMs: 12 };
  expect(steps).toEqual([
    { ...step, step: 'prepare-namespace' },
    { ...step, step: 'verify' },
  ]);
  expect(ended).toEqual([
    {
      kind: 'provision',
      engine: 'woocommerce',
      outcome: 'ready',
      failure: null,
      requestedAt: NOW,
      endedAt: later(60),
    },
  ]);
});

test('a failure has the user as its cause when the store has overrides', async () => {
  const outcome = OUTCOMES.failed;
  const { input } = await records.begun();
  await observed.end({ ...input, outcome }, later(1));
  const store = await records.request();
  const overridden = activityInput(store, 'provision');
  await observed.begin({ ...overridden, store: { ...overridden.store, overrides: { image: { tag: '9' } } } }, NOW);
  await observed.end({ ...overridden, outcome }, later(1));
  expect(ended.map(({ failure }) => failure)).toEqual([
    { code: 'CRASH_LOOP', cause: 'platform' },
    { code: 'CRASH_LOOP', cause: 'user' },
  ]);
});

test('an operation that was cancelled before its first step ends too', async () => {
  const store = await records.request();
  await observed.requestCancel({
    tenantId: store.tenantId,
    storeId: store.id,
    requestedBy: 'user',
    correlationId: 'cancel',
    now: NOW,
  });
  await observed.begin(activityInput(store, 'provision'), later(5));
  expect(ended).toMatchObject([{ kind: 'provision', outcome: 'cancelled', failure: null }]);
});

test('a write that is rolled back is not observed', async () => {
  const { input } = await records.begun();
  await observed.end({ ...input, outcome: OUTCOMES.ready }, later(1));
  const past = { ...input, run: { ...input.run, runId: 'another-run' }, outcome: OUTCOMES.failed };
  await expect(observed.end(past, later(2))).rejects.toMatchObject({ code: 'INVALID_STATE' });
  expect(ended).toHaveLength(1);
});
