import { assertNever } from '../../domain/assert-never.ts';
import { ENGINES, type Engine } from '../../domain/engines/index.ts';
import { LABELS } from '../../domain/names.ts';
import type { StoreTarget } from '../../domain/operations/types.ts';
import type { Orphan } from '../../domain/orphans.ts';
import type { StoreStatus } from '../../domain/store/status.ts';
import type { Candidate, NamespaceOwnership } from './orphan-search.ts';
import type { OperationKind } from '../../domain/operations/catalogue.ts';

/** What the records say of the store that an object names, or whose namespace it is in. */
export interface StoreOwnership {
  readonly target: StoreTarget;
  readonly status: StoreStatus;
  readonly operation: { readonly kind: OperationKind; readonly isRunning: boolean };
  readonly isDeleteRequested: boolean;
  readonly hasBeenReady: boolean;
  readonly correlationId: string;
  readonly updatedAt: Date;
}

export type OrphanDecision =
  /** A store accounts for it, or it is none of our business. */
  | { readonly kind: 'fine' }
  | { readonly kind: 'orphan'; readonly reason: string; readonly isRemovable: boolean }
  /** What the undo of a store's provision, or its delete, could not remove: the store's own removal is to try again. */
  | { readonly kind: 'leftovers'; readonly ownership: StoreOwnership };

const NOT_ORPHANED = { kind: 'fine' } as const;
/** An operation that ended this recently may still be looked at, or tried again, by whoever asked for it. */
const LEFTOVERS_AFTER_MS = 5 * 60_000;
/** A delete tries for an hour by itself; what stopped it so long needs time to go away. */
const DELETE_AGAIN_AFTER_MS = 60 * 60_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The store that an object says it belongs to. */
export function storeIdIn({ labels }: Pick<Candidate, 'labels'>): string | undefined {
  const id = labels[LABELS.storeId];
  return id !== undefined && UUID.test(id) ? id : undefined;
}

/** Whether a namespace with our labels has a store to belong to. */
export function classifyNamespace(
  candidate: Pick<Candidate, 'name' | 'labels' | 'isTerminating'>,
  ownership: StoreOwnership | undefined,
  { installation, now }: { readonly installation: string; readonly now: Date },
): OrphanDecision {
  const madeBy = candidate.labels[LABELS.installation];
  // Another platform on the same cluster keeps records of its own.
  if (madeBy !== undefined && madeBy !== installation) return NOT_ORPHANED;
  const mayRemove = madeBy === installation && !candidate.isTerminating && targetIn(candidate) !== undefined;
  if (storeIdIn(candidate) === undefined) return orphan('its label names no store', false);
  if (ownership === undefined) return orphan('there is no record of its store', mayRemove);
  if (ownership.target.namespace !== candidate.name) return orphan('its store lives in another namespace', false);
  if (ownership.status === 'deleted') return orphan('its store is deleted', mayRemove);
  return mayHaveLeftovers(ownership, now) ? { kind: 'leftovers', ownership } : NOT_ORPHANED;
}

function mayHaveLeftovers(ownership: StoreOwnership, now: Date): boolean {
  const { operation, updatedAt } = ownership;
  const quietMs = now.getTime() - updatedAt.getTime();
  if (operation.kind === 'delete') {
    return ownership.status === 'failed' && !operation.isRunning && quietMs >= DELETE_AGAIN_AFTER_MS;
  }
  return isRemovable(ownership) && quietMs >= LEFTOVERS_AFTER_MS;
}

/** Whether all that the cluster has of a store may go, by its record; without a record, it may. */
export function isRemovable(ownership: StoreOwnership | undefined): boolean {
  if (ownership === undefined || ownership.status === 'deleted') return true;
  const { status, operation, isDeleteRequested, hasBeenReady } = ownership;
  // What failed or was cancelled has nothing to keep, unless it was ready before: then there are data.
  const hasEnded = (status === 'failed' || status === 'cancelled') && !operation.isRunning;
  return hasEnded && !isDeleteRequested && !hasBeenReady;
}

/**
 * Whether something that is no namespace is an orphan.
 *
 * @param namespaceOwnership What became of the namespace that it is in, or that claimed it.
 */
export function classifyObject(
  candidate: Candidate,
  ownership: StoreOwnership | undefined,
  namespaceOwnership: NamespaceOwnership,
): OrphanDecision {
  switch (candidate.source) {
    case 'namespaces':
      throw new Error('a namespace is judged by its own record');
    case 'volumes':
      return classifyVolume(candidate, ownership, namespaceOwnership);
    case 'secrets':
      return classifySecret(candidate, ownership, namespaceOwnership);
    case 'release-records':
      return classifyReleaseRecord(candidate, ownership, namespaceOwnership);
    default:
      return assertNever(candidate.source);
  }
}

function classifyVolume(
  candidate: Candidate,
  ownership: StoreOwnership | undefined,
  namespaceOwnership: NamespaceOwnership,
): OrphanDecision {
  if (namespaceOwnership !== 'gone' || isAlive(ownership)) return NOT_ORPHANED;
  if (candidate.isKept) return orphan('its store is gone; it is kept on purpose', false);
  // Without a record nothing says which of the platforms on the cluster it belonged to.
  return orphan('the namespace that claimed it is gone', isRecorded(candidate, ownership));
}

function classifySecret(
  candidate: Candidate,
  ownership: StoreOwnership | undefined,
  namespaceOwnership: NamespaceOwnership,
): OrphanDecision {
  if (isAlive(ownership) && ownership?.target.namespace === candidate.namespace) return NOT_ORPHANED;
  // It goes with the namespace, which is listed itself.
  return namespaceOwnership === 'ours'
    ? NOT_ORPHANED
    : orphan('its store is not here', isRecorded(candidate, ownership));
}

function classifyReleaseRecord(
  candidate: Candidate,
  ownership: StoreOwnership | undefined,
  namespaceOwnership: NamespaceOwnership,
): OrphanDecision {
  const releaseName = candidate.labels['name'] ?? '';
  const isOfStore = isAlive(ownership) ? ownership?.target.releaseName === releaseName : namespaceOwnership === 'ours';
  return isOfStore ? NOT_ORPHANED : orphan(`the release ${releaseName} is no store's`, false);
}

/** Labelled with a store of ours, by its record, that has come to its end. */
function isRecorded(candidate: Candidate, ownership: StoreOwnership | undefined): boolean {
  return ownership?.status === 'deleted' && storeIdIn(candidate) === ownership.target.storeId;
}

function isAlive(ownership: StoreOwnership | undefined): boolean {
  return ownership !== undefined && ownership.status !== 'deleted';
}

function orphan(reason: string, mayRemove: boolean): OrphanDecision {
  return { kind: 'orphan', reason, isRemovable: mayRemove };
}

/** The orphan as it is listed. */
export function asOrphan(candidate: Candidate, decision: Extract<OrphanDecision, { kind: 'orphan' }>): Orphan {
  const { kind, name, namespace, uid } = candidate;
  return {
    kind,
    name,
    namespace: kind === 'Secret' ? namespace : null,
    uid,
    storeId: storeIdIn(candidate) ?? null,
    reason: decision.reason,
    isRemovable: decision.isRemovable,
  };
}

/** The store that a namespace was made for, as far as its labels tell; enough to remove it, too little to make it. */
export function targetIn({ name, labels }: Pick<Candidate, 'name' | 'labels'>): StoreTarget | undefined {
  const storeId = storeIdIn({ labels });
  const engine = ENGINES.find((known): known is Engine => known === labels[LABELS.engine]);
  const releaseName = /^store-(.+)$/.exec(name)?.[1];
  if (storeId === undefined || engine === undefined || releaseName === undefined) return undefined;
  const tenantId = labels[LABELS.tenantId] ?? '';
  return { storeId, tenantId, name: releaseName, engine, namespace: name, releaseName, host: '' };
}
