import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { type ActivityInfo, asActivity, clusterInput } from '../harness/platform/cluster-activities.ts';
import type { ClusterActivities } from '../../domain/ports/cluster.ts';
import type { ActivityInput } from '../../domain/operations/inputs.ts';

/** Tests that the fake and the real cluster activities both pass. Workflows may rely on this behaviour only. */
export function clusterActivitiesContract(world: () => ClusterActivities): void {
  const run = <K extends keyof ClusterActivities>(
    activity: K,
    input: Parameters<ClusterActivities[K]>[0],
    info?: ActivityInfo,
  ): Promise<Awaited<ReturnType<ClusterActivities[K]>>> => {
    // All signatures take one argument and return a promise; the key `K` connects the argument with the result.
    const chosen = world()[activity] as (input: unknown) => Promise<Awaited<ReturnType<ClusterActivities[K]>>>;
    return asActivity(chosen, input, info);
  };

  async function remove(input: ActivityInput): Promise<void> {
    await run('deleteRelease', input);
    await run('deleteNamespace', input);
    await run('awaitAbsence', input);
  }

  describe('cluster activities', () => {
    test('each step of a provision is idempotent and reports on the second call that it changed nothing', async () => {
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

    test('each step of a delete is idempotent and reports on the second call that it removed nothing', async () => {
      const input = clusterInput();
      await run('ensureNamespace', input);
      await run('ensureSecrets', input);
      await run('ensureRelease', input);
      expect(await run('deleteRelease', input)).toEqual({ removed: true });
      expect(await run('deleteRelease', input)).toEqual({ removed: false });
      expect(await run('deleteNamespace', input)).toMatchObject({ removed: true });
      await run('awaitAbsence', input);
      expect(await run('deleteNamespace', input)).toEqual({ removed: false });
      expect(await run('awaitAbsence', input)).toMatchObject({ removed: [] });
    });

    test('the undo of a provision keeps a store that another run has marked as ready, and a delete removes it', async () => {
      const input = clusterInput();
      await run('ensureNamespace', input);
      await run('markReady', input);
      await run('markReady', input);
      const later = { ...input, run: { ...input.run, runId: `${input.run.runId}-later` } };
      await expect(run('deleteNamespace', later)).rejects.toMatchObject({ code: 'NAMESPACE_HAS_DATA' });
      await run('markReady', later);
      await expect(run('deleteNamespace', later)).rejects.toMatchObject({ code: 'NAMESPACE_HAS_DATA' });
      const removal = { ...later, run: { ...later.run, kind: 'delete' as const } };
      expect(await run('deleteNamespace', removal)).toMatchObject({ removed: true });
      await run('awaitAbsence', removal);
    });

    test('the undo of a provision removes a store that the same run has marked as ready', async () => {
      const input = clusterInput();
      await run('ensureNamespace', input);
      await run('markReady', input);
      await remove(input);
    });

    test('awaitAbsence removes a namespace that a late attempt created again after deleteNamespace', async () => {
      const input = clusterInput();
      await run('deleteNamespace', input);
      await run('ensureNamespace', input);
      expect(await run('awaitAbsence', input)).toMatchObject({ removed: [`Namespace/${input.store.namespace}`] });
      expect(await run('deleteNamespace', input)).toEqual({ removed: false });
    });

    test('calls of a paused worker do not change a store that a newer run created again', async () => {
      const input = clusterInput();
      const [paused, newer, removal] = [10, 20, 30].map((currentAttemptScheduledTimestampMs) => ({
        currentAttemptScheduledTimestampMs,
      }));
      const { uid } = await run('ensureNamespace', input, newer);
      await run('ensureSecrets', input, newer);
      const { revision } = await run('ensureRelease', input, newer);
      for (const activity of [
        'ensureNamespace',
        'ensureRelease',
        'deleteRelease',
        'deleteNamespace',
        'awaitAbsence',
      ] as const) {
        await expect(run(activity, input, paused)).rejects.toMatchObject({ code: 'ATTEMPT_FENCED' });
      }
      expect(await run('ensureNamespace', input, newer)).toMatchObject({ uid });
      expect(await run('ensureRelease', input, newer)).toMatchObject({ revision, action: 'unchanged' });
      expect(await run('deleteRelease', input, removal)).toEqual({ removed: true });
      expect(await run('deleteNamespace', input, removal)).toMatchObject({ removed: true });
      await run('awaitAbsence', input, removal);
    });

    test('deleting a store that was never created succeeds', async () => {
      const input = clusterInput();
      expect(await run('deleteRelease', input)).toEqual({ removed: false });
      expect(await run('deleteNamespace', input)).toEqual({ removed: false });
      expect(await run('awaitAbsence', input)).toMatchObject({ removed: [] });
    });

    test('secrets and release are not created without a namespace', async () => {
      const input = clusterInput();
      await expect(run('ensureSecrets', input)).rejects.toMatchObject({ code: 'CLUSTER_REFUSED' });
      await expect(run('ensureRelease', input)).rejects.toMatchObject({ code: 'CLUSTER_REFUSED' });
    });

    test("does not adopt, watch, change or remove another store's namespace", async () => {
      const owner = clusterInput();
      const { uid } = await run('ensureNamespace', owner);
      const other = { ...owner, store: { ...owner.store, storeId: randomUUID() } };
      await expect(run('ensureNamespace', other)).rejects.toMatchObject({ code: 'NAMESPACE_FOREIGN' });
      await expect(run('ensureSecrets', other)).rejects.toMatchObject({ code: 'CLUSTER_REFUSED' });
      await expect(run('ensureRelease', other)).rejects.toMatchObject({ code: 'CLUSTER_REFUSED' });
      const awaited = { ...other, revision: 1 };
      await expect(run('awaitReady', awaited)).rejects.toMatchObject({ code: 'NAMESPACE_FOREIGN' });
      expect(await run('deleteRelease', other)).toEqual({ removed: false });
      expect(await run('deleteNamespace', other)).toEqual({ removed: false });
      expect(await run('awaitAbsence', other)).toMatchObject({ removed: [] });
      expect(await run('ensureNamespace', owner)).toMatchObject({ uid });
      await remove(owner);
    });

    test('awaitReady fails for a revision that does not exist', async () => {
      const input = clusterInput();
      await run('ensureNamespace', input);
      await expect(run('awaitReady', { ...input, revision: 1 })).rejects.toMatchObject({ code: 'RELEASE_MISMATCH' });
      await remove(input);
    });
  });
}
