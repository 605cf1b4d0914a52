import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { array, assert as assertProperty, asyncProperty, constantFrom, nat, oneof, record } from 'fast-check';
import { randomUUID } from 'node:crypto';
import { StoreError } from '../../domain/failure.ts';
import type { OperationKind } from '../../domain/operations/catalogue.ts';
import type { ActivityInput } from '../../domain/operations/inputs.ts';
import { CRASH_LOOP, OUTCOMES } from '../../test/factories/outcomes.ts';
import { activityInput, later, NOW, openTestRecords, type TestRecords } from '../../test/factories/store-records.ts';
import type { StoreRecord } from '../index.ts';

const LIMITS = { maxRunning: 2 };
const STORES = 5;

let records: TestRecords;
beforeAll(async () => {
  records = await openTestRecords({ poolSize: 20 });
});
afterAll(() => records.drop());

/** One store and the newest run that acts on it. */
interface Actor {
  readonly store: StoreRecord;
  runId: string;
  round: number;
  /** False: the run acts without a begin, like a run that was reset to a point after its start. */
  hasBegun: boolean;
}

function inputOf({ store, runId, round }: Actor, kind: OperationKind = 'provision'): ActivityInput {
  const input = activityInput(store, kind, runId);
  return round === 0 ? input : { ...input, run: { ...input.run, round } };
}

function newRun(actor: Actor): void {
  actor.runId = randomUUID();
  actor.round = 0;
  actor.hasBegun = false;
}

function command({ store }: Actor) {
  return { tenantId: store.tenantId, storeId: store.id, requestedBy: 'tenant', correlationId: 'c', now: NOW };
}

async function beginRun(actor: Actor): Promise<void> {
  actor.hasBegun = true;
  await records.stores.begin(inputOf(actor), NOW, LIMITS);
}

/** The verbs of runs and callers. A verb that the state of the store does not allow changes nothing. */
const VERBS = {
  begin: (actor) => beginRun(actor),
  beginInNewRun: (actor) => {
    newRun(actor);
    return beginRun(actor);
  },
  acquire: (actor) => records.stores.acquireTenantSlot(inputOf(actor), NOW, LIMITS),
  hold: (actor) => records.stores.hold({ ...inputOf(actor), failure: CRASH_LOOP }, later(60), NOW, LIMITS),
  continue: async (actor) => {
    await records.stores.endHold({ ...inputOf(actor), decision: { kind: 'continue', change: null } }, NOW, LIMITS);
    actor.round += 1;
  },
  abort: (actor) => records.stores.endHold({ ...inputOf(actor), decision: { kind: 'abort' } }, NOW, LIMITS),
  endReady: (actor) => records.stores.end({ ...inputOf(actor), outcome: OUTCOMES.ready }, NOW, LIMITS),
  endFailed: (actor) => records.stores.end({ ...inputOf(actor), outcome: OUTCOMES.failed }, NOW, LIMITS),
  endCancelled: (actor) => records.stores.end({ ...inputOf(actor), outcome: OUTCOMES.cancelled }, NOW, LIMITS),
  /** A run that was reset to a point after its start reports a step. */
  progressInNewRun: (actor) => {
    newRun(actor);
    const progress = { completed: null, started: 'await-ready', failed: null, nodes: null } as const;
    return records.stores.recordProgress({ ...inputOf(actor), ...progress }, NOW);
  },
  requestRetry: (actor) => records.stores.requestOperation({ ...command(actor), action: 'retry' }),
  requestCancel: (actor) => records.stores.requestCancel(command(actor)),
  requestDelete: (actor) => records.stores.requestDelete(command(actor)),
  beginDelete: (actor) => {
    newRun(actor);
    return records.stores.begin(inputOf(actor, 'delete'), NOW, LIMITS);
  },
  requestUndelete: (actor) => records.stores.requestUndelete(command(actor)),
  undoDelete: (actor) => records.stores.undoDelete(inputOf(actor, 'delete'), NOW),
  failDelete: (actor) => records.stores.end({ ...inputOf(actor, 'delete'), outcome: OUTCOMES.failed }, NOW, LIMITS),
} as const satisfies Readonly<Record<string, (actor: Actor) => Promise<unknown>>>;

type Verb = keyof typeof VERBS;

/** Returns whether a verb takes a slot even if none is free: an undo, and a run that is reset, do not wait. */
function mayExceedLimit(verb: Verb, { hasBegun }: Actor): boolean {
  return verb === 'abort' || verb === 'progressInNewRun' || (verb === 'continue' && !hasBegun);
}

async function newActors(): Promise<readonly Actor[]> {
  const tenantId = `tenant-${randomUUID()}`;
  const stores = await Promise.all(Array.from({ length: STORES }, () => records.request({ tenantId })));
  return stores.map((store) => ({ store, runId: randomUUID(), round: 0, hasBegun: false }));
}

async function play(actors: readonly Actor[], { verb, index }: { readonly verb: Verb; readonly index: number }) {
  const actor = actors[index];
  if (actor === undefined) throw new Error(`there is no store ${index}`);
  try {
    await VERBS[verb](actor);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'INVALID_STATE') throw error;
  }
}

/** Returns the running operations of the tenant, as the row of its cluster counts them and by their rows, and the queue. */
async function countsOf(actors: readonly Actor[]) {
  const { rows } = await records.pool.query<{ counted: number; running: number; queued: number }>(
    `select running_operations as counted,
       (select count(*)::int from operations where tenant_id = q.tenant_id and kind = 'provision' and status = 'running') as running,
       (select count(*)::int from operations where tenant_id = q.tenant_id and status = 'queued') as queued
     from tenant_clusters q where tenant_id = $1`,
    [actors[0]?.store.tenantId],
  );
  if (rows[0] === undefined) throw new Error('the tenant has no row of its cluster');
  return rows[0];
}

const anyCommand = record({
  // Most sequences of verbs are refused: the verbs of a provision come more often.
  verb: oneof(
    { weight: 3, arbitrary: constantFrom<Verb>('begin', 'acquire', 'endReady', 'endFailed', 'hold', 'continue') },
    { weight: 2, arbitrary: constantFrom(...(Object.keys(VERBS) as Verb[])) },
  ),
  index: nat({ max: STORES - 1 }),
});

/** The last verb ends no hold, so the operation keeps its place in the queue. */
const CONTINUED_IN_THE_QUEUE = [
  { verb: 'begin' as const, index: 0 },
  { verb: 'begin' as const, index: 1 },
  { verb: 'begin' as const, index: 2 },
  { verb: 'continue' as const, index: 2 },
];

test('the count of running operations equals their rows, and no slot stays free while an operation is queued', async () => {
  await assertProperty(
    asyncProperty(array(anyCommand, { minLength: 10, maxLength: 50 }), async (commands) => {
      const actors = await newActors();
      let mayExceed = false;
      for (const each of commands) {
        mayExceed ||= mayExceedLimit(each.verb, actors[each.index]!);
        await play(actors, each);
        const { counted, running, queued } = await countsOf(actors);
        expect(counted).toBe(running);
        if (queued > 0) expect(running).toBeGreaterThanOrEqual(LIMITS.maxRunning);
        if (!mayExceed) expect(running).toBeLessThanOrEqual(LIMITS.maxRunning);
      }
    }),
    { numRuns: 20, examples: [[CONTINUED_IN_THE_QUEUE]] },
  );
});

test('the count stays exact when verbs run at the same time, and no two transactions wait for each other', async () => {
  const batches = array(array(anyCommand, { minLength: 2, maxLength: 8 }), { minLength: 3, maxLength: 12 });
  await assertProperty(
    asyncProperty(batches, async (played) => {
      const actors = await newActors();
      for (const batch of played) {
        await Promise.all(batch.map((each) => play(actors, each)));
        const { counted, running, queued } = await countsOf(actors);
        expect(counted).toBe(running);
        if (queued > 0) expect(running).toBeGreaterThanOrEqual(LIMITS.maxRunning);
      }
    }),
    { numRuns: 20 },
  );
});
