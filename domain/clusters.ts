/** Whether a cluster accepts new stores. `cordoned` changes nothing about the stores that it has. */
export const CLUSTER_STATUSES = ['ready', 'cordoned'] as const;
export type ClusterStatus = (typeof CLUSTER_STATUSES)[number];

/** Key and value pairs that operators give a cluster, such as `region: eu`. */
export type ClusterLabels = Readonly<Record<string, string>>;

/** The facts that decide whether a cluster accepts another store. */
export interface ClusterLoad {
  readonly name: string;
  readonly status: ClusterStatus;
  /** Largest number of stores. Null: no limit. */
  readonly capacity: number | null;
  /** Stores in the cluster that are not deleted. */
  readonly residentStores: number;
}

export type PlacementRefusal = 'cordoned' | 'full';

/**
 * Returns why a cluster accepts no other store, or undefined if it does. A cluster that no worker has registered yet accepts
 * stores: their provisions wait for a worker.
 */
export function placementRefusal(load: ClusterLoad | undefined): PlacementRefusal | undefined {
  if (load === undefined) return undefined;
  if (load.status === 'cordoned') return 'cordoned';
  return load.capacity !== null && load.residentStores >= load.capacity ? 'full' : undefined;
}

/** Workers refresh the record of their cluster every half minute. After four misses no worker is there. */
const SEEN_WITHIN_MS = 120_000;

/** Returns whether a worker has reached the cluster a short time ago. */
export function isReachable(
  { answered, lastSeenAt }: { readonly answered: boolean; readonly lastSeenAt: Date },
  now: Date,
): boolean {
  return answered && now.getTime() - lastSeenAt.getTime() <= SEEN_WITHIN_MS;
}
