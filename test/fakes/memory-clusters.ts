import { isReachable, placementOf, type Placement, type PlacementWish } from '../../domain/clusters.ts';
import { DEFAULT_CLUSTER } from '../../domain/names.ts';
import type { ClusterChanges, ClusterRecord, ClusterRecords, NewCluster } from '../../domain/ports/cluster-records.ts';
import type { NodeKind } from '../../domain/store/store.ts';

const ADDED = {
  status: 'ready',
  uid: null,
  address: null,
  kubernetesVersion: null,
  nodes: 'unknown',
  answered: false,
  lastSeenAt: null,
  residentStores: 0,
  openOperations: 0,
} as const satisfies Partial<ClusterRecord>;

/** The records of clusters in memory: one that a worker has reached just now, and those that a test adds. */
export class MemoryClusters implements ClusterRecords {
  readonly #clusters = new Map<string, ClusterRecord>([
    [
      DEFAULT_CLUSTER,
      {
        ...ADDED,
        name: DEFAULT_CLUSTER,
        uid: '5f6b2c1e-8d0a-4f63-9a57-3c1de0b84f26',
        address: 'https://127.0.0.1:6443',
        kubernetesVersion: 'v1.36.1',
        nodes: 'simulated',
        labels: {},
        capacity: null,
        kubeconfigRef: null,
        answered: true,
        lastSeenAt: new Date(),
      },
    ],
  ]);

  async list(): Promise<readonly ClusterRecord[]> {
    return [...this.#clusters.values()];
  }

  async nodes(): Promise<NodeKind> {
    return 'simulated';
  }

  async add(cluster: NewCluster): Promise<ClusterRecord | undefined> {
    if (this.#clusters.has(cluster.name)) return undefined;
    const added = { ...ADDED, ...cluster };
    this.#clusters.set(cluster.name, added);
    return added;
  }

  async update(name: string, changes: ClusterChanges): Promise<ClusterRecord | undefined> {
    const cluster = this.#clusters.get(name);
    if (cluster === undefined) return undefined;
    const { status, capacity, labels, kubeconfigRef, uid } = cluster;
    const changed = {
      ...cluster,
      status: changes.status ?? status,
      capacity: changes.capacity === undefined ? capacity : changes.capacity,
      labels: changes.labels ?? labels,
      kubeconfigRef: changes.kubeconfigRef === undefined ? kubeconfigRef : changes.kubeconfigRef,
      uid: changes.uid === undefined ? uid : changes.uid,
    };
    this.#clusters.set(name, changed);
    return changed;
  }

  /** Chooses the cluster of a new store, as the database does. */
  place(wish: PlacementWish = { labels: {} }, residentsOf: (cluster: string) => number): Placement {
    const candidates = [...this.#clusters.values()].map((cluster) => ({
      ...cluster,
      residentStores: residentsOf(cluster.name),
      isReachable: isReachable(cluster, new Date()),
    }));
    return placementOf(candidates, wish);
  }
}
