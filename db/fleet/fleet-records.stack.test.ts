import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { eq, sql } from 'drizzle-orm';
import type { FleetReport } from '../../domain/ports/fleet-records.ts';
import { OUTCOMES } from '../../test/factories/outcomes.ts';
import { later, NOW, openTestRecords, type TestRecords } from '../../test/factories/store-records.ts';
import { createOrphanRecords } from '../reconcile/orphans.ts';
import { createPassPositions } from '../reconcile/pass-positions.ts';
import { fleetReports } from '../schema/fleet-reports.ts';
import { storeEvents } from '../schema/events.ts';
import { operations } from '../schema/operations.ts';
import { stores } from '../schema/stores.ts';
import { createFleetRecords } from './fleet-records.ts';

let records: TestRecords;
beforeAll(async () => {
  records = await openTestRecords();
});
beforeEach(async () => {
  const { db } = records;
  for (const table of [fleetReports, storeEvents, operations, stores]) await db.delete(table);
});
afterAll(() => records.drop());

/** Returns a new report, as the first process of many would create it. */
async function newReport(): Promise<FleetReport> {
  await records.db.delete(fleetReports);
  return createFleetRecords(records.db).read();
}

test('counts the stores that are not deleted, and the operations that have not ended', async () => {
  await records.request({ engine: 'medusa' });
  const running = await records.begun();
  await records.stores.recordProgress(
    { ...running.input, completed: null, started: 'await-ready', failed: null, nodes: 'real' },
    NOW,
  );
  const ready = await records.begun();
  await records.stores.end({ ...ready.input, outcome: OUTCOMES.ready }, NOW);
  const deleted = await records.begun('delete');
  await records.stores.end({ ...deleted.input, outcome: OUTCOMES.deleted }, NOW);
  const report = await newReport();
  expect(new Set(report.stores)).toEqual(
    new Set([
      { engine: 'medusa', status: 'requested', count: 1 },
      { engine: 'woocommerce', status: 'provisioning', count: 1 },
      { engine: 'woocommerce', status: 'ready', count: 1 },
    ]),
  );
  const age = expect.closeTo((Date.now() - NOW.getTime()) / 1_000, -2);
  const open = report.operations.filter(({ kind }) => kind === 'provision');
  expect(new Set(open)).toEqual(
    new Set([
      { kind: 'provision', status: 'requested', step: null, count: 1, oldestSeconds: age },
      { kind: 'provision', status: 'running', step: 'await-ready', count: 1, oldestSeconds: age },
    ]),
  );
});

test('counts what the reconciler has found', async () => {
  const { store, input } = await records.begun();
  await records.stores.end({ ...input, outcome: OUTCOMES.ready }, NOW);
  const drifted = { object: 'Service/web', state: 'missing', fields: [], needsPerson: null } as const;
  await records.db
    .update(stores)
    .set({
      nodes: 'real',
      lastVerifiedAt: new Date(),
      driftSince: NOW,
      driftObjects: [drifted, { ...drifted, needsPerson: 'its data is gone' }],
      conditions: [
        { type: 'Stalled', status: 'True', reason: 'A', message: 'm', lastTransitionTime: NOW.toISOString() },
        { type: 'DataMissing', status: 'False', reason: 'A', message: 'm', lastTransitionTime: NOW.toISOString() },
      ],
    })
    .where(eq(stores.id, store.id));
  const orphan = { kind: 'Secret', name: 's', namespace: 'n', uid: 'u', storeId: null, reason: 'r' } as const;
  await createOrphanRecords(records.db).noteSeen({
    cluster: 'default',
    orphans: [{ ...orphan, isRemovable: true }],
    graceSeconds: 10,
    passBegan: NOW,
    now: NOW,
  });
  await createPassPositions(records.db).savePosition({
    pass: 'verify-stores',
    cluster: 'default',
    after: null,
    now: later(60),
  });
  expect(await newReport()).toMatchObject({
    conditions: [{ type: 'Stalled', count: 1 }],
    drifted: [{ needsOperator: true, count: 1 }],
    serving: [{ engine: 'woocommerce', count: 1, verified: 1, degraded: 0 }],
    orphans: [{ cluster: 'default', kind: 'Secret', isDue: true, count: 1 }],
    passes: [{ cluster: 'default', pass: 'verify-stores', completedAtSeconds: later(60).getTime() / 1_000 }],
    areRemovalsPaused: false,
    webhooks: [],
    deliveries: [],
  });
});

test('is created once for all processes, and again after ten seconds', async () => {
  const first = await createFleetRecords(records.db).read();
  expect(await createFleetRecords(records.db).read()).toEqual(first);
  await records.db.update(fleetReports).set({ takenAt: sql`${fleetReports.takenAt} - interval '11 seconds'` });
  const processes = Array.from({ length: 5 }, () => createFleetRecords(records.db));
  const reports = await Promise.all(processes.map((each) => each.read()));
  const [second, ...others] = new Set(reports.map(({ takenAtMs }) => takenAtMs));
  expect(others).toEqual([]);
  expect(second).toBeGreaterThan(first.takenAtMs);
});
