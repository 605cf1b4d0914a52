import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createInput, later, openTestRecords, type TestRecords } from '../../test/factories/store-records.ts';
import { unaccountedNamespace } from '../../test/factories/unaccounted.ts';
import type { AdoptedStore, UnaccountedRecords } from '../../domain/ports/unaccounted-records.ts';
import type { RemovalRecords } from '../../domain/ports/removal-records.ts';
import { createRemovalRecords } from './removals.ts';
import { createUnaccountedRecords } from './unaccounted.ts';

let records: TestRecords;
let unaccounted: UnaccountedRecords;
let removals: RemovalRecords;
beforeAll(async () => {
  records = await openTestRecords();
  unaccounted = createUnaccountedRecords(records.db);
  removals = createRemovalRecords(records.db);
});
afterAll(() => records.drop());

/** Returns the namespace and the store of a create request that has no record. */
function lostStore(seed: { readonly uid?: string } = {}) {
  const request = createInput();
  const { id: storeId, tenantId, name, engine, namespace, releaseName, host } = request;
  const target = { storeId, cluster: 'default', tenantId, name, engine, namespace, releaseName, host };
  const { evidence } = unaccountedNamespace();
  return { request, found: { namespace, uid: seed.uid ?? 'uid', target, evidence } };
}

async function liveStores(): Promise<number> {
  const quota = await records.db.query.tenantQuotas.findFirst();
  return quota?.liveStores ?? 0;
}

async function see(seconds: number, ...namespaces: readonly ReturnType<typeof lostStore>['found'][]) {
  return unaccounted.noteSeen({ namespaces, passBegan: later(seconds), now: later(seconds) });
}

function adopted({ request, found }: ReturnType<typeof lostStore>, seed: Partial<AdoptedStore> = {}): AdoptedStore {
  const { chartVersion, storefrontUrl, adminUrl } = request;
  return {
    target: found.target,
    chartVersion,
    storefrontUrl,
    adminUrl,
    nodes: 'real',
    createdAt: later(-100),
    readyAt: later(-50),
    run: { workflowId: `store/${request.id}`, runId: 'run', correlationId: 'correlation' },
    ...seed,
  };
}

describe('an unaccounted namespace', () => {
  test('keeps its first sight and its decision, until it is created again', async () => {
    const { found } = lostStore();
    await see(0, found);
    await unaccounted.decide({ namespace: found.namespace, decision: 'keep', now: later(1) });
    expect(await see(10, found)).toMatchObject([{ decision: 'keep', firstSeen: later(0), lastSeen: later(10) }]);
    expect(await see(20, { ...found, uid: 'other' })).toMatchObject([
      { decision: null, decidedAt: null, firstSeen: later(20) },
    ]);
  });

  test('is forgotten when a later pass does not see it', async () => {
    const { found } = lostStore();
    await see(0, found);
    await unaccounted.forgetUnseen({ cluster: 'default', before: later(0) });
    expect(await unaccounted.find(found.namespace)).toMatchObject({ uid: 'uid' });
    await unaccounted.forgetUnseen({ cluster: 'other', before: later(1) });
    expect(await unaccounted.find(found.namespace)).toMatchObject({ uid: 'uid' });
    await unaccounted.forgetUnseen({ cluster: 'default', before: later(1) });
    expect(await unaccounted.find(found.namespace)).toBeUndefined();
    expect(await unaccounted.decide({ namespace: found.namespace, decision: 'keep', now: later(1) })).toEqual({
      kind: 'notFound',
    });
  });

  test('is not listed when its store got a record in the meantime', async () => {
    const store = await records.request();
    const { found } = lostStore();
    expect(await see(0, { ...found, namespace: store.namespace })).toEqual([]);
    expect(await unaccounted.decide({ namespace: store.namespace, decision: 'adopt', now: later(1) })).toEqual({
      kind: 'recorded',
      storeId: store.id,
    });
  });
});

describe('an adopted store', () => {
  test('is ready, counts once in the quota, has one event, and is adopted once', async () => {
    const lost = lostStore();
    await see(0, lost.found);
    const live = await liveStores();
    await unaccounted.decide({ namespace: lost.found.namespace, decision: 'adopt', now: later(1) });
    expect(await unaccounted.adopt(adopted(lost), later(2))).toBe('adopted');
    expect(await unaccounted.adopt(adopted(lost), later(3))).toBe('recorded');
    expect(await liveStores()).toBe(live + 1);
    const key = { tenantId: lost.request.tenantId, storeId: lost.request.id };
    expect(await records.stores.get(key)).toMatchObject({ status: 'ready', readyAt: later(-50), nodes: 'real' });
    expect(await records.stores.listEvents({ ...key, after: 0, limit: 10 })).toMatchObject({
      events: [{ seq: 1, type: 'store.adopted', status: 'ready' }],
    });
    await unaccounted.forgetUnseen({ cluster: 'default', before: later(1_000) });
    const again = await unaccounted.decide({ namespace: lost.found.namespace, decision: 'adopt', now: later(4) });
    expect(again).toMatchObject({ kind: 'decided', entry: { adoptedAt: later(2) } });
  });

  test('whose namespace has no mark is failed, has data, and can be retried', async () => {
    const lost = lostStore();
    await unaccounted.adopt(adopted(lost, { readyAt: null }), later(2));
    const key = { tenantId: lost.request.tenantId, storeId: lost.request.id };
    const store = await records.stores.get(key);
    expect(store).toMatchObject({ status: 'failed', operation: { failureCode: 'ADOPTED_UNFINISHED' } });
    expect(store?.readyAt).not.toBeNull();
  });

  test('is returned for the create request that it comes from, and another body with its key is rejected', async () => {
    const lost = lostStore();
    await unaccounted.adopt(adopted(lost), later(2));
    expect(await records.stores.create(lost.request)).toMatchObject({
      kind: 'replayed',
      store: { id: lost.request.id },
      operation: { kind: 'provision', status: 'succeeded' },
    });
    expect(await records.stores.create({ ...lost.request, name: 'Other' })).toEqual({ kind: 'keyReused' });
  });
});

describe('the pause of removals', () => {
  test('each check of a database has a higher number and the same identity', async () => {
    const first = await removals.check();
    const second = await removals.check();
    expect(second).toEqual({ ...first, checks: first.checks + 1 });
    expect(first).toMatchObject({
      systemIdentifier: expect.stringMatching(/^\d+$/),
      timeline: expect.any(Number),
      oid: expect.stringMatching(/^\d+$/),
    });
  });

  test('lasts until a pass has seen the confirmation of an operator', async () => {
    const active = { state: 'active', reason: null, since: null };
    expect(await removals.state()).toEqual(active);
    expect(await removals.confirm()).toEqual(active);
    await removals.pause({ since: later(0), reason: 'restored' });
    expect(await removals.state()).toEqual({ state: 'paused', reason: 'restored', since: later(0) });
    expect(await removals.confirm()).toMatchObject({ state: 'resuming' });
    await removals.pause({ since: later(9), reason: 'restored again' });
    expect(await removals.state()).toMatchObject({ state: 'paused', since: later(9) });
    await removals.activate();
    expect(await removals.state()).toEqual(active);
  });
});
