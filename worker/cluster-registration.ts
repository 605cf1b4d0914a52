import { StoreError } from '../domain/failure.ts';
import type { ClusterFacts, ClusterRegistry } from '../domain/ports/cluster-records.ts';

/**
 * Returns a function that writes the record of the worker's cluster: what the Kubernetes API says, or that it does not
 * answer.
 */
export function clusterRegistration({
  name,
  describe,
  registry,
  now,
}: {
  /** Name of the cluster. */
  readonly name: string;
  /** @throws StoreError when the Kubernetes API does not answer or refuses the request. */
  readonly describe: () => Promise<ClusterFacts>;
  readonly registry: ClusterRegistry;
  readonly now: () => Date;
}): () => Promise<void> {
  return async function register(): Promise<void> {
    const facts = await describe().catch((error: unknown) => {
      if (error instanceof StoreError) return undefined;
      throw error;
    });
    await (facts === undefined ? registry.recordSilence(name) : registry.recordAnswer(name, facts, now()));
  };
}
