import type { ClusterFacts, ClusterRegistry } from '../domain/ports/cluster-records.ts';

/**
 * Compares the cluster of the worker with the record that has its name. In another cluster, the worker would find none of the
 * stores, and a delete would succeed without deleting anything.
 *
 * @returns one sentence that names the settings when it is another cluster, otherwise undefined.
 * @throws StoreError when the Kubernetes API or Postgres does not answer.
 */
export async function findClusterMismatch({
  name,
  describe,
  registry,
}: {
  /** Name of the cluster. */
  readonly name: string;
  readonly describe: () => Promise<ClusterFacts>;
  readonly registry: Pick<ClusterRegistry, 'uidOf'>;
}): Promise<string | undefined> {
  const recorded = await registry.uidOf(name);
  if (recorded === null) return undefined;
  const { uid, address } = await describe();
  if (uid === recorded) return undefined;
  return (
    `the cluster at ${address} is not the cluster ${name}: its namespace kube-system has the UID ${uid}, and the record has ${recorded}. ` +
    `Set CLUSTER_NAME and KUBE_CONTEXT to the same cluster. If the cluster was replaced, send PATCH /api/admin/clusters/${name} with {"uid":null}`
  );
}
