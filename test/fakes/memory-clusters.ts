import { placementRefusal, type PlacementRefusal } from '../../domain/clusters.ts';
import { CLUSTER } from '../../domain/names.ts';
import type { ClusterChanges, ClusterRecord, ClusterRecords } from '../../domain/ports/cluster-records.ts';
import type { NodeKind } from '../../domain/store/store.ts';

/** The record of one cluster in memory, which a worker has reached just now. */
export class MemoryClusters implements ClusterRecords {
  #cluster: ClusterRecord = {
    name: CLUSTER,
    address: 'https://127.0.0.1:6443',
    kubernetesVersion: 'v1.36.1',
    nodes: 'simulated',
    labels: {},
    status: 'ready',
    capacity: null,
    answered: true,
    lastSeenAt: new Date(),
    residentStores: 0,
    openOperations: 0,
  };

  async list(): Promise<readonly ClusterRecord[]> {
    return [this.#cluster];
  }

  async nodes(): Promise<NodeKind> {
    return this.#cluster.nodes;
  }

  async update(name: string, changes: ClusterChanges): Promise<ClusterRecord | undefined> {
    if (name !== this.#cluster.name) return undefined;
    const { status, capacity, labels } = this.#cluster;
    this.#cluster = {
      ...this.#cluster,
      status: changes.status ?? status,
      capacity: changes.capacity === undefined ? capacity : changes.capacity,
      labels: changes.labels ?? labels,
    };
    return this.#cluster;
  }

  /** Returns why the cluster accepts no store besides those that exist. */
  refusal(residentStores: number): PlacementRefusal | undefined {
    return placementRefusal({ ...this.#cluster, residentStores });
  }
}
