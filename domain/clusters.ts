/**
 * Whether a cluster accepts new stores. `cordoned` and `draining` change nothing about the stores that it has. `draining` says
 * that the cluster must become empty: the number of its stores tells how far it is.
 */
export const CLUSTER_STATUSES = ['ready', 'cordoned', 'draining'] as const;
export type ClusterStatus = (typeof CLUSTER_STATUSES)[number];

/** Names are part of the names of task queues and schedules. */
export const CLUSTER_NAME_PATTERN = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Key and value pairs that operators give a cluster, such as `region: eu`. */
export type ClusterLabels = Readonly<Record<string, string>>;

/** The facts that decide whether a cluster gets a new store. */
export interface PlacementCandidate {
  readonly name: string;
  readonly status: ClusterStatus;
  /** Largest number of stores. Null: no limit. */
  readonly capacity: number | null;
  /** Stores in the cluster that are not deleted. */
  readonly residentStores: number;
  readonly labels: ClusterLabels;
  readonly isReachable: boolean;
}

/** The demands of a request on the cluster of its store. */
export interface PlacementWish {
  /** Labels that the cluster must have. */
  readonly labels: ClusterLabels;
}

/** `unmatched`: no cluster has the labels. Otherwise each cluster that has them refuses: it is not ready, or full. */
export type PlacementRefusal = 'unmatched' | 'full' | 'cordoned' | 'draining';

export type Placement =
  | { readonly kind: 'placed'; readonly cluster: string }
  /** `clusters`: names of the clusters that have the labels. */
  | { readonly kind: 'refused'; readonly reason: PlacementRefusal; readonly clusters: readonly string[] };

/**
 * Chooses the cluster of a new store: of those that have the labels, are ready and have room, the one with the most free
 * places. One without a limit has the most; of several, the one with the fewest stores. A cluster that no worker reaches comes
 * last: its store waits for a worker. `db/clusters/placement.ts` makes the same choice in a statement.
 */
export function placementOf(candidates: readonly PlacementCandidate[], { labels }: PlacementWish): Placement {
  const matching = candidates.filter((candidate) => hasLabels(candidate, labels));
  const ready = matching.filter(({ status }) => status === 'ready');
  const [best] = ready.filter((candidate) => freePlaces(candidate) > 0).toSorted(betterFirst);
  if (best !== undefined) return { kind: 'placed', cluster: best.name };
  const clusters = matching.map(({ name }) => name);
  if (matching.length === 0) return { kind: 'refused', reason: 'unmatched', clusters };
  if (ready.length > 0) return { kind: 'refused', reason: 'full', clusters };
  const isCordoned = matching.some(({ status }) => status === 'cordoned');
  return { kind: 'refused', reason: isCordoned ? 'cordoned' : 'draining', clusters };
}

function hasLabels(candidate: PlacementCandidate, wished: ClusterLabels): boolean {
  return Object.entries(wished).every(
    ([key, value]) => Object.hasOwn(candidate.labels, key) && candidate.labels[key] === value,
  );
}

function freePlaces({ capacity, residentStores }: PlacementCandidate): number {
  return capacity === null ? Infinity : capacity - residentStores;
}

function betterFirst(one: PlacementCandidate, other: PlacementCandidate): number {
  if (one.isReachable !== other.isReachable) return one.isReachable ? -1 : 1;
  const [free, otherFree] = [freePlaces(one), freePlaces(other)];
  if (free !== otherFree) return free > otherFree ? -1 : 1;
  return one.residentStores - other.residentStores || (one.name < other.name ? -1 : 1);
}

/** Workers refresh the record of their cluster every half minute. After four misses no worker is there. */
export const SEEN_WITHIN_SECONDS = 120;

/** Returns whether a worker has reached the cluster a short time ago. */
export function isReachable(
  { answered, lastSeenAt }: { readonly answered: boolean; readonly lastSeenAt: Date | null },
  now: Date,
): boolean {
  return answered && lastSeenAt !== null && now.getTime() - lastSeenAt.getTime() <= SEEN_WITHIN_SECONDS * 1_000;
}
