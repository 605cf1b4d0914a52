import type { ClusterLabels, ClusterStatus } from '../clusters.ts';
import type { NodeKind } from '../store/store.ts';

/** Facts about a cluster, from its Kubernetes API. */
export interface ClusterFacts {
  /** UID of the namespace `kube-system`. It identifies the cluster. */
  readonly uid: string;
  /** URL of the API server, without credentials. */
  readonly address: string;
  readonly kubernetesVersion: string;
  readonly nodes: NodeKind;
}

/** A cluster as operators add it, before its workers exist. */
export interface NewCluster {
  readonly name: string;
  readonly labels: ClusterLabels;
  /** Largest number of stores. Null: no limit. */
  readonly capacity: number | null;
  /** Name of the Secret or file with the kubeconfig of its workers, for operators. Null: none. */
  readonly kubeconfigRef: string | null;
}

export interface ClusterRecord extends NewCluster {
  readonly status: ClusterStatus;
  /** UID of the namespace `kube-system` of the cluster. Null: no worker has reached it yet, or an operator has cleared it. */
  readonly uid: string | null;
  /** URL of the API server, without credentials. Null: no worker has reached it yet. */
  readonly address: string | null;
  readonly kubernetesVersion: string | null;
  readonly nodes: NodeKind;
  /** Whether the Kubernetes API answered when a worker asked last. */
  readonly answered: boolean;
  /** When the Kubernetes API answered last. Null: it has not answered yet. */
  readonly lastSeenAt: Date | null;
  /** Stores in the cluster that are not deleted. */
  readonly residentStores: number;
  /** Operations on stores of the cluster that have not ended. */
  readonly openOperations: number;
}

/** Fields that operators change. Undefined: the field stays as it is. */
export interface ClusterChanges {
  readonly status?: ClusterStatus | undefined;
  readonly capacity?: number | null | undefined;
  readonly labels?: ClusterLabels | undefined;
  readonly kubeconfigRef?: string | null | undefined;
  /** Null: the next worker that reaches the cluster records it. */
  readonly uid?: null | undefined;
}

/** The records of clusters. Every function throws StoreError DATABASE_UNAVAILABLE when Postgres does not answer. */
export interface ClusterRecords {
  list(): Promise<readonly ClusterRecord[]>;
  /**
   * Returns the kind of the nodes of all clusters: `real` if one has real nodes, `unknown` before a worker has reached one.
   */
  nodes(): Promise<NodeKind>;
  /** Adds a cluster, whose workers can start later. Returns undefined when there is a cluster with this name. */
  add(cluster: NewCluster, now: Date): Promise<ClusterRecord | undefined>;
  /** Returns undefined when there is no such cluster. */
  update(name: string, changes: ClusterChanges, now: Date): Promise<ClusterRecord | undefined>;
}

/** The records of clusters for workers. `name`: the cluster of the worker. */
export interface ClusterRegistry {
  /** Returns the recorded UID of the cluster. Null: there is none. */
  uidOf(name: string): Promise<string | null>;
  /** Writes the facts of the worker's cluster. The settings of operators and a recorded UID stay as they are. */
  recordAnswer(name: string, facts: ClusterFacts, now: Date): Promise<void>;
  /** Writes that the Kubernetes API did not answer. Does nothing for a cluster that never answered. */
  recordSilence(name: string): Promise<void>;
}
