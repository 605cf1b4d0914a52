import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { ActivityInput } from '../../domain/operations/types.ts';
import { type ActivityInfo, asActivity, clusterInput } from '../harness/platform/cluster-activities.ts';
import type { ClusterActivities } from '../../domain/ports/cluster.ts';

/** Tests the behaviour that the fake and the real cluster activities share. A workflow relies on nothing else. */
export function clusterActivitiesContract(world: () => ClusterActivities): void {
  const run = <K extends keyof ClusterActivities>(
    activity: K,
    input: Parameters<ClusterActivities[K]>[0],
    info?: ActivityInfo,
  ): Promise<Awaited<ReturnType<ClusterActivities[K]>>> => {
    // One of several signatures, all of them from one argument to a promise; the key ties both ends together.
    const chosen = world()[activity] as (input: unknown) => Promise<Awaited<ReturnType<ClusterActivities[K]>>>;
    return asActivity(chosen, input, info);
  };

  async function remove(input: ActivityInput): Promise<void> {
    await run('deleteRelease', input);
    await run('deleteNamespace', input);
    await run('awaitAbsence', input);
  }

  describe('cluster activities', () => {
    test('each step of a provision may be repeated, and says the second time that nothing was left to do', async () => {
      const input = clusterInput();
      const namespace = await run('ensureNamespace', input);
      expect(await run('ensureNamespace', input)).toEqual(namespace);
      const secrets = await run('ensureSecrets', input);
      expect(secrets).toMatchObject({ created: true });
      expect(await run('ensureSecrets', input)).toEqual({ ...secrets, created: false });
      const release = await run('ensureRelease', input);
      expect(release).toMatchObject({ revision: 1, action: 'installed', unlocked: 'none' });
      expect(await run('ensureRelease', input)).toEqual({ ...release, action: 'unchanged' });
      const ready = await run('awaitReady', { ...input, revision: release.revision });
      expect(await run('awaitReady', { ...input, revision: release.revision })).toEqual(ready);
      expect(await run('verifyStore', { ...input, nodes: namespace.nodes })).toMatchObject({ outcome: 'skipped' });
      await remove(input);
    });

    test('each step of a removal may be repeated, and says the second time that nothing was left', async () => {
      const input = clusterInput();
      await run('ensureNamespace', input);
      await run('ensureSecrets', input);
      await run('ensureRelease', input);
      expect(await run('deleteRelease', input)).toEqual({ removed: true });
      expect(await run('deleteRelease', input)).toEqual({ removed: false });
      expect(await run('deleteNamespace', input)).toEqual({ removed: true });
      await run('awaitAbsence', input);
      expect(await run('deleteNamespace', input)).toEqual({ removed: false });
      expect(await run('awaitAbsence', input)).toMatchObject({ removed: [] });
    });

    test('a namespace that a late attempt creates again is deleted before its absence is confirmed', async () => {
      const input = clusterInput();
      await run('deleteNamespace', input);
      await run('ensureNamespace', input);
      expect(await run('awaitAbsence', input)).toMatchObject({ removed: [`Namespace/${input.store.namespace}`] });
      expect(await run('deleteNamespace', input)).toEqual({ removed: false });
    });

    test('a paused worker can no longer change a store that was created again in the meantime', async () => {
      const input = clusterInput();
      const [paused, current, removal] = [10, 20, 30].map((scheduledTimestampMs) => ({ scheduledTimestampMs }));
      const { uid } = await run('ensureNamespace', input, current);
      await run('ensureSecrets', input, current);
      const { revision } = await run('ensureRelease', input, current);
      for (const activity of [
        'ensureNamespace',
        'ensureRelease',
        'deleteRelease',
        'deleteNamespace',
        'awaitAbsence',
      ] as const) {
        await expect(run(activity, input, paused)).rejects.toMatchObject({ code: 'ATTEMPT_FENCED' });
      }
      expect(await run('ensureNamespace', input, current)).toMatchObject({ uid });
      expect(await run('ensureRelease', input, current)).toMatchObject({ revision, action: 'unchanged' });
      expect(await run('deleteRelease', input, removal)).toEqual({ removed: true });
      expect(await run('deleteNamespace', input, removal)).toEqual({ removed: true });
      await run('awaitAbsence', input, removal);
    });

    test('what was never made is removed with success', async () => {
      const input = clusterInput();
      expect(await run('deleteRelease', input)).toEqual({ removed: false });
      expect(await run('deleteNamespace', input)).toEqual({ removed: false });
      expect(await run('awaitAbsence', input)).toMatchObject({ removed: [] });
    });

    test('nothing is made without a namespace', async () => {
      const input = clusterInput();
      await expect(run('ensureSecrets', input)).rejects.toMatchObject({ code: 'CLUSTER_REFUSED' });
      await expect(run('ensureRelease', input)).rejects.toMatchObject({ code: 'CLUSTER_REFUSED' });
    });

    test("another store's namespace is not adopted, not filled and not removed", async () => {
      const owner = clusterInput();
      const { uid } = await run('ensureNamespace', owner);
      const other = { ...owner, store: { ...owner.store, storeId: randomUUID() } };
      await expect(run('ensureNamespace', other)).rejects.toMatchObject({ code: 'NAMESPACE_FOREIGN' });
      await expect(run('ensureSecrets', other)).rejects.toMatchObject({ code: 'CLUSTER_REFUSED' });
      await expect(run('ensureRelease', other)).rejects.toMatchObject({ code: 'CLUSTER_REFUSED' });
      expect(await run('deleteRelease', other)).toEqual({ removed: false });
      expect(await run('deleteNamespace', other)).toEqual({ removed: false });
      expect(await run('awaitAbsence', other)).toMatchObject({ removed: [] });
      expect(await run('ensureNamespace', owner)).toMatchObject({ uid });
      await remove(owner);
    });

    test('a revision that is not there does not become ready', async () => {
      const input = clusterInput();
      await run('ensureNamespace', input);
      await expect(run('awaitReady', { ...input, revision: 1 })).rejects.toMatchObject({ code: 'RELEASE_MISMATCH' });
      await remove(input);
    });
  });
}
