import type { ClusterLabels, ClusterLoad, ClusterStatus } from '../clusters.ts';
import type { NodeKind } from '../store/store.ts';

/** Facts about a cluster, from its Kubernetes API. */
export interface ClusterFacts {
  /** URL of the API server, without credentials. */
  readonly address: string;
  readonly kubernetesVersion: string;
  readonly nodes: NodeKind;
}

export interface ClusterRecord extends ClusterFacts, ClusterLoad {
  readonly labels: ClusterLabels;
  /** Whether the Kubernetes API answered when a worker asked last. */
  readonly answered: boolean;
  /** When the Kubernetes API answered last. */
  readonly lastSeenAt: Date;
  /** Operations on stores of the cluster that have not ended. */
  readonly openOperations: number;
}

/** Fields that operators change. Undefined: the field stays as it is. */
export interface ClusterChanges {
  readonly status?: ClusterStatus | undefined;
  readonly capacity?: number | null | undefined;
  readonly labels?: ClusterLabels | undefined;
}

/** The records of clusters. Every function throws StoreError DATABASE_UNAVAILABLE when Postgres does not answer. */
export interface ClusterRecords {
  list(): Promise<readonly ClusterRecord[]>;
  /** Returns the kind of the cluster's nodes. `unknown`: no worker has registered a cluster. */
  nodes(): Promise<NodeKind>;
  /** Returns undefined when there is no such cluster. */
  update(name: string, changes: ClusterChanges, now: Date): Promise<ClusterRecord | undefined>;
}

/** The records of clusters for workers. */
export interface ClusterRegistry {
  /** Writes the facts of the worker's cluster. The settings of operators stay as they are. */
  recordAnswer(facts: ClusterFacts, now: Date): Promise<void>;
  /** Writes that the Kubernetes API did not answer. Does nothing for a cluster that never answered. */
  recordSilence(): Promise<void>;
}
