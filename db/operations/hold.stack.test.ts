import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CRASH_LOOP, OUTCOMES } from '../../test/factories/outcomes.ts';
import { activityInput, later, NOW, openTestRecords, type TestRecords } from '../../test/factories/store-records.ts';
import type { StoreRecord } from '../index.ts';
import type { ActivityInput, HoldDecision } from '../../domain/operations/inputs.ts';

let records: TestRecords;
beforeAll(async () => {
  records = await openTestRecords({ poolSize: 20 });
});
afterAll(() => records.drop());

const UNTIL = later(3_600);
const CONTINUE: HoldDecision = { kind: 'continue', change: null };

function inRound(input: ActivityInput, round: number): ActivityInput {
  return { ...input, run: { ...input.run, round } };
}

async function eventTypes(store: StoreRecord): Promise<string[]> {
  return (await records.events(store)).map((event) => event.type);
}

async function held() {
  const { store, input } = await records.begun();
  const started = { completed: null, started: 'await-ready', failed: null, nodes: null } as const;
  await records.stores.recordProgress({ ...input, ...started }, NOW);
  await records.stores.hold({ ...input, failure: CRASH_LOOP }, UNTIL, NOW);
  return { store, input };
}

describe('a hold', () => {
  test('records the status, the cause and the end of the hold', async () => {
    const { store } = await held();
    expect(await records.read(store)).toMatchObject({
      status: 'held',
      operation: {
        step: 'await-ready',
        endedAt: null,
        failureCode: 'CRASH_LOOP',
        failureEvidence: { object: 'Pod/web' },
        heldUntil: UNTIL,
      },
    });
    expect((await records.events(store)).slice(-2)).toMatchObject([
      { type: 'step.failed', status: 'provisioning', step: 'await-ready' },
      { type: 'operation.held', status: 'held', data: { code: 'CRASH_LOOP', until: UNTIL.toISOString() } },
    ]);
  });

  test('is written once when 8 attempts write it at the same time', async () => {
    const { store, input } = await records.begun();
    await Promise.all(
      Array.from({ length: 8 }, () => records.stores.hold({ ...input, failure: CRASH_LOOP }, UNTIL, NOW)),
    );
    expect((await eventTypes(store)).filter((type) => type === 'operation.held')).toHaveLength(1);
  });

  test('changes nothing when it is written again after its end', async () => {
    const { store, input } = await held();
    await records.stores.endHold({ ...input, decision: CONTINUE }, later(1));
    const before = await records.world(store);
    await records.stores.hold({ ...input, failure: CRASH_LOOP }, UNTIL, later(2));
    expect(await records.world(store)).toEqual(before);
  });

  test('of a run that has ended changes nothing', async () => {
    const { store, input } = await records.begun();
    await records.stores.end({ ...input, outcome: OUTCOMES.failed }, NOW);
    const before = await records.world(store);
    await records.stores.hold({ ...input, failure: CRASH_LOOP }, UNTIL, NOW);
    await records.stores.endHold({ ...input, decision: CONTINUE }, NOW);
    expect(await records.world(store)).toEqual(before);
  });

  test('ends once, with the status provisioning and without its cause', async () => {
    const { store, input } = await held();
    await Promise.all(
      Array.from({ length: 8 }, () => records.stores.endHold({ ...input, decision: CONTINUE }, later(1))),
    );
    expect(await records.read(store)).toMatchObject({
      status: 'provisioning',
      overrides: null,
      operation: { failureCode: null, failureEvidence: null, heldUntil: null },
    });
    expect((await eventTypes(store)).filter((type) => type === 'operation.continued')).toHaveLength(1);
  });

  test.each<[HoldDecision, string]>([
    [{ kind: 'skip-verification' }, 'operation.continued'],
    [{ kind: 'abort' }, 'operation.aborted'],
    [{ kind: 'expired' }, 'operation.aborted'],
    [{ kind: 'cancel' }, 'operation.aborted'],
  ])('that ends with %j writes an event with the decision', async (decision, type) => {
    const { store, input } = await held();
    await records.stores.endHold({ ...input, decision }, later(1));
    expect((await records.events(store)).at(-1)).toMatchObject({
      type,
      status: 'provisioning',
      step: 'await-ready',
      data: { decision: decision.kind },
    });
  });

  test('merges every change of the overrides into the earlier overrides', async () => {
    const { store, input } = await held();
    const first = { image: { repository: 'shop', tag: '1' } };
    await records.stores.endHold({ ...input, decision: { kind: 'continue', change: first } }, later(1));
    const again = inRound(input, 1);
    await records.stores.hold({ ...again, failure: CRASH_LOOP }, UNTIL, later(2));
    const second = { image: { tag: '2' } };
    await records.stores.endHold({ ...again, decision: { kind: 'continue', change: second } }, later(3));
    expect((await records.read(store)).overrides).toEqual({ image: { repository: 'shop', tag: '2' } });
    expect((await eventTypes(store)).filter((type) => type === 'step.failed')).toHaveLength(2);
  });

  test('unsets overrides, and a store without any has the same record as one that never had any', async () => {
    const { store, input } = await held();
    const first = { image: { repository: 'shop', tag: '1' } };
    await records.stores.endHold({ ...input, decision: { kind: 'continue', change: first } }, later(1));
    const changes = [
      [{ image: { repository: null } }, { image: { tag: '1' } }],
      [{ image: { tag: null } }, null],
    ] as const;
    for (const [index, [change, overrides]] of changes.entries()) {
      const again = inRound(input, index + 1);
      await records.stores.hold({ ...again, failure: CRASH_LOOP }, UNTIL, later(2 * index + 2));
      await records.stores.endHold({ ...again, decision: { kind: 'continue', change } }, later(2 * index + 3));
      expect((await records.read(store)).overrides).toEqual(overrides);
    }
  });

  test('ends when a new run adopts the operation after a reset, and the new run can hold again', async () => {
    const { store } = await held();
    const reset = activityInput(store, 'provision', 'after-reset');
    await records.stores.recordProgress(
      { ...reset, completed: null, started: 'install-release', failed: null, nodes: null },
      later(1),
    );
    expect(await records.read(store)).toMatchObject({
      status: 'provisioning',
      operation: { runId: 'after-reset', step: 'install-release' },
    });
    await records.stores.hold({ ...reset, failure: CRASH_LOOP }, UNTIL, later(2));
    expect(await records.read(store)).toMatchObject({ status: 'held', operation: { heldUntil: UNTIL } });
  });

  test('ends when a new provision or a delete begins after its run was terminated', async () => {
    const [retried, deleted] = [await held(), await held()];
    const overrides = { image: { tag: '3' } };
    const again = activityInput(retried.store, 'provision', 'second');
    await records.stores.begin({ ...again, store: { ...again.store, overrides: overrides } }, later(1));
    await records.stores.begin(activityInput(deleted.store, 'delete'), later(1));
    const operation = { failureCode: null, heldUntil: null };
    expect(await records.read(retried.store)).toMatchObject({ operation, status: 'provisioning', overrides });
    expect(await records.read(deleted.store)).toMatchObject({ operation, status: 'deleting' });
  });
});
