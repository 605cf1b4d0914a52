import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ConditionRecords } from '../../domain/ports/condition-records.ts';
import type { ConditionReport } from '../../domain/store/conditions.ts';
import { OUTCOMES } from '../../test/factories/outcomes.ts';
import { activityInput, later, openTestRecords, type TestRecords } from '../../test/factories/store-records.ts';
import { createConditionRecords } from './conditions.ts';
import type { StoreRecord } from './record.ts';

const DELAYED: ConditionReport = {
  type: 'ReadinessDelayed',
  status: 'True',
  reason: 'Unschedulable',
  message: 'no node can schedule the pod web-1',
};
const SUSPENDED: ConditionReport = {
  type: 'RepairsSuspended',
  status: 'True',
  reason: 'ChangedAgain',
  message: 'Deployment/web changes again after every repair',
};

let records: TestRecords;
let conditions: ConditionRecords;
beforeAll(async () => {
  records = await openTestRecords();
  conditions = createConditionRecords(records.db);
});
afterAll(() => records.drop());

async function eventsAbout(store: StoreRecord) {
  return (await records.events(store)).filter(({ type }) => type === 'condition.changed').map(({ data }) => data);
}

test('writes a condition once, and an event only for a new status or reason', async () => {
  const { store } = await records.begun();
  const set = (condition: ConditionReport, seconds: number) =>
    conditions.setCondition({ storeId: store.id, condition }, later(seconds));
  expect(await set(DELAYED, 1)).toBe(true);
  expect(await set(DELAYED, 2)).toBe(false);
  expect(await set({ ...DELAYED, message: 'another pod' }, 3)).toBe(true);
  expect(await set({ ...DELAYED, reason: 'VolumePending' }, 4)).toBe(true);
  expect(await set({ ...DELAYED, status: 'False', reason: 'Ready' }, 5)).toBe(true);
  expect((await records.read(store)).conditions).toEqual([
    { ...DELAYED, status: 'False', reason: 'Ready', lastTransitionTime: later(5).toISOString() },
  ]);
  const condition = 'ReadinessDelayed';
  expect(await eventsAbout(store)).toEqual([
    { condition, status: 'True', reason: 'Unschedulable' },
    { condition, status: 'True', reason: 'VolumePending' },
    { condition, status: 'False', reason: 'Ready' },
  ]);
});

test('the end of an operation clears its conditions before the last event', async () => {
  const { store, input } = await records.begun();
  await conditions.setCondition({ storeId: store.id, runId: input.run.runId, condition: DELAYED }, later(1));
  await records.stores.end({ ...input, outcome: OUTCOMES.ready }, later(2));
  expect((await records.read(store)).conditions).toMatchObject([{ type: 'ReadinessDelayed', status: 'False' }]);
  expect((await records.events(store)).at(-1)?.type).toBe('store.ready');
});

test('a condition of the store outlives the operation and ends with the next one', async () => {
  const { store, input } = await records.begun();
  await conditions.setCondition({ storeId: store.id, condition: SUSPENDED }, later(1));
  await records.stores.end({ ...input, outcome: OUTCOMES.ready }, later(2));
  expect((await records.read(store)).conditions).toMatchObject([{ status: 'True' }]);
  await records.stores.begin(activityInput(store, 'delete'), later(3));
  expect((await records.read(store)).conditions).toMatchObject([{ status: 'False', reason: 'OperationStarted' }]);
});

test('a run that is over writes no condition', async () => {
  const { store, input } = await records.begun();
  await records.stores.end({ ...input, outcome: OUTCOMES.ready }, later(1));
  const before = await records.world(store);
  const late = { storeId: store.id, runId: input.run.runId, condition: DELAYED };
  expect(await conditions.setCondition(late, later(2))).toBe(false);
  expect(await records.world(store)).toEqual(before);
});
