import { assertNever } from '../../domain/assert-never.ts';
import { ENGINES, type Engine } from '../../domain/engines/index.ts';
import { ANNOTATIONS, LABELS } from '../../domain/names.ts';
import { parseKeptUntil } from '../../domain/kept-volumes.ts';
import type { Orphan } from '../../domain/orphans.ts';
import type { StoreOwnership } from '../../domain/ports/reconcile-records.ts';
import { mayHoldData, type DataEvidence, type UnaccountedNamespace } from '../../domain/unaccounted.ts';
import type { Candidate, NamespaceOwnership } from './orphan-search.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

export type OrphanDecision =
  /** It belongs to a store, or to another installation. */
  | { readonly kind: 'fine' }
  | { readonly kind: 'orphan'; readonly reason: string; readonly isRemovable: boolean }
  /** The undo of a provision, or a delete, could not remove it. The cleanup of its store must be started again. */
  | { readonly kind: 'leftovers'; readonly ownership: StoreOwnership }
  /** It holds data and its store has no record. A person decides about it. */
  | { readonly kind: 'unaccounted'; readonly found: UnaccountedNamespace };

const NOT_ORPHANED = { kind: 'fine' } as const;
/** Time after a failed operation in which its tenant may inspect or retry it. */
const LEFTOVERS_AFTER_MS = 5 * 60_000;
/** Time after a failed delete: it has retried for an hour, and its cause needs time to go away. */
const RETRY_DELETE_AFTER_MS = 60 * 60_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Returns the store id in the object's label, undefined when it is missing or not a UUID. */
export function storeIdIn({ labels }: Pick<Candidate, 'labels'>): string | undefined {
  const id = labels[LABELS.storeId];
  return id !== undefined && UUID.test(id) ? id : undefined;
}

/** The installation that searches, and the name of the cluster that it searches. */
interface Searcher {
  readonly installation: string;
  readonly cluster: string;
}

/** Returns whether the evidence of data decides about a namespace: it is ours, and its store has no record. */
export function needsEvidence(
  candidate: NamespaceCandidate,
  ownership: StoreOwnership | undefined,
  { installation, cluster }: Searcher,
): boolean {
  const isOurs = candidate.labels[LABELS.installation] === installation;
  return isOurs && ownership === undefined && !candidate.isTerminating && targetIn(candidate, cluster) !== undefined;
}

type NamespaceCandidate = Pick<Candidate, 'name' | 'uid' | 'labels' | 'facts' | 'readySince' | 'isTerminating'>;

/**
 * Classifies a namespace with the label of the platform. `evidence` is required for the namespaces that `needsEvidence`
 * selects.
 */
export function classifyNamespace(
  candidate: NamespaceCandidate,
  ownership: StoreOwnership | undefined,
  {
    installation,
    cluster,
    now,
    evidence,
  }: Searcher & { readonly now: Date; readonly evidence?: DataEvidence | undefined },
): OrphanDecision {
  // Another installation on the same cluster has its own records.
  if (isForeign(candidate, installation)) return NOT_ORPHANED;
  if (candidate.labels[LABELS.installation] === undefined) return orphan('its label names no installation', false);
  const target = targetIn(candidate, cluster);
  const mayRemove = !candidate.isTerminating && target !== undefined;
  if (storeIdIn(candidate) === undefined) return orphan('its label does not name a store', false);
  if (ownership === undefined) return classifyUnrecorded(candidate, mayRemove ? target : undefined, evidence);
  if (ownership.target.cluster !== cluster) {
    return orphan(`the record of its store names the cluster ${ownership.target.cluster}`, false);
  }
  if (ownership.target.namespace !== candidate.name) return orphan('its store is in another namespace', false);
  if (ownership.status === 'deleted') return orphan('its store is deleted', mayRemove);
  // The record does not know it: the database was restored to a time before the store was ready.
  if (candidate.readySince !== null && !ownership.hasBeenReady && ownership.operation.kind !== 'delete') {
    return NOT_ORPHANED;
  }
  return mayHaveLeftovers(ownership, now) ? { kind: 'leftovers', ownership } : NOT_ORPHANED;
}

/** Classifies a namespace whose store has no record. `target` undefined: it must not be removed. */
function classifyUnrecorded(
  { name: namespace, uid }: NamespaceCandidate,
  target: StoreTarget | undefined,
  evidence: DataEvidence | undefined,
): OrphanDecision {
  if (target === undefined || evidence === undefined) return orphan('its store has no record', false);
  if (!mayHoldData(evidence)) return orphan('its store has no record', true);
  return { kind: 'unaccounted', found: { namespace, uid, target, evidence } };
}

/** Returns whether a label names another installation as the owner. */
function isForeign({ labels }: Pick<Candidate, 'labels'>, installation: string): boolean {
  const owner = labels[LABELS.installation];
  return owner !== undefined && owner !== installation;
}

function mayHaveLeftovers(ownership: StoreOwnership, now: Date): boolean {
  const { operation, updatedAt } = ownership;
  const idleMs = now.getTime() - updatedAt.getTime();
  if (operation.kind === 'delete') {
    return ownership.status === 'failed' && !operation.isRunning && idleMs >= RETRY_DELETE_AFTER_MS;
  }
  return isRemovable(ownership) && idleMs >= LEFTOVERS_AFTER_MS;
}

/** Returns whether every object of a store may be removed, by its record. */
export function isRemovable(ownership: StoreOwnership): boolean {
  if (ownership.status === 'deleted') return true;
  const { status, operation, isDeleteRequested, hasBeenReady } = ownership;
  // A failed or cancelled store has data only if it has been ready before.
  const hasEnded = (status === 'failed' || status === 'cancelled') && !operation.isRunning;
  return hasEnded && !isDeleteRequested && !hasBeenReady;
}

interface ObjectContext {
  /** Id of the installation that searches. */
  readonly installation: string;
  /** Owner of the object's namespace; for a volume, of the namespace of its claim. */
  readonly namespaceOwnership: NamespaceOwnership;
}

/** Classifies an object that is not a namespace. */
export function classifyObject(
  candidate: Candidate,
  ownership: StoreOwnership | undefined,
  context: ObjectContext,
): OrphanDecision {
  // Another installation on the same cluster has its own records.
  if (isForeign(candidate, context.installation) || context.namespaceOwnership === 'foreign') return NOT_ORPHANED;
  switch (candidate.source) {
    case 'namespaces':
      throw new Error('a namespace is classified by classifyNamespace');
    case 'volumes':
      return classifyVolume(candidate, ownership, context);
    case 'secrets':
      return classifySecret(candidate, ownership, context);
    case 'release-records':
      return classifyReleaseRecord(candidate, ownership, context);
    default:
      return assertNever(candidate.source);
  }
}

function classifyVolume(
  candidate: Candidate,
  ownership: StoreOwnership | undefined,
  { installation, namespaceOwnership }: ObjectContext,
): OrphanDecision {
  if (namespaceOwnership !== 'gone' || isAlive(ownership)) return NOT_ORPHANED;
  if (candidate.isKept) return orphan(`its store is deleted; ${keptBecause(candidate)}`, false);
  // Without a record, it may have belonged to another installation on the cluster.
  return orphan('the namespace of its claim is deleted', isRecorded(candidate, ownership, installation));
}

/** Returns why a volume is kept. `kept-volumes.ts` releases it when its time is over. */
function keptBecause({ keptUntil }: Candidate): string {
  const until = parseKeptUntil(keptUntil);
  switch (until.kind) {
    case 'instant':
      return `a volume policy keeps it until ${until.at.toISOString()}`;
    case 'forever':
      return 'a volume policy keeps it';
    case 'missing':
      return 'its reclaim policy keeps it';
    case 'invalid':
      return `its annotation ${ANNOTATIONS.keptUntil} is not an instant such as 2026-12-31T00:00:00Z, so it is kept`;
    default:
      return assertNever(until);
  }
}

function classifySecret(
  candidate: Candidate,
  ownership: StoreOwnership | undefined,
  { installation, namespaceOwnership }: ObjectContext,
): OrphanDecision {
  if (isAlive(ownership) && ownership?.target.namespace === candidate.namespace) return NOT_ORPHANED;
  // It is deleted with its namespace, which is a candidate itself.
  return namespaceOwnership === 'ours'
    ? NOT_ORPHANED
    : orphan('its store is not in this namespace', isRecorded(candidate, ownership, installation));
}

function classifyReleaseRecord(
  candidate: Candidate,
  ownership: StoreOwnership | undefined,
  { namespaceOwnership }: ObjectContext,
): OrphanDecision {
  const releaseName = candidate.labels['name'] ?? '(no name)';
  const isOfStore = isAlive(ownership) ? ownership?.target.releaseName === releaseName : namespaceOwnership === 'ours';
  return isOfStore ? NOT_ORPHANED : orphan(`the release ${releaseName} belongs to no store`, false);
}

/** Returns whether the labels name this installation and a store whose record says that it is deleted. */
function isRecorded(candidate: Candidate, ownership: StoreOwnership | undefined, installation: string): boolean {
  const isOwn = candidate.labels[LABELS.installation] === installation;
  return isOwn && ownership?.status === 'deleted' && storeIdIn(candidate) === ownership.target.storeId;
}

function isAlive(ownership: StoreOwnership | undefined): boolean {
  return ownership !== undefined && ownership.status !== 'deleted';
}

function orphan(reason: string, mayRemove: boolean): OrphanDecision {
  return { kind: 'orphan', reason, isRemovable: mayRemove };
}

/** Returns the orphan for the list. */
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

/**
 * Returns the store of a namespace of a cluster from its labels and annotations. Without the annotation with the facts, it is enough
 * to delete the store, not to create it.
 */
export function targetIn(
  { name, labels, facts }: Pick<Candidate, 'name' | 'labels' | 'facts'>,
  cluster: string,
): StoreTarget | undefined {
  const storeId = storeIdIn({ labels });
  const engine = ENGINES.find((known): known is Engine => known === labels[LABELS.engine]);
  const releaseName = /^store-(.+)$/.exec(name)?.[1];
  if (storeId === undefined || engine === undefined || releaseName === undefined) return undefined;
  const known = facts ?? { tenantId: labels[LABELS.tenantId] ?? '', name: releaseName, host: '' };
  return { storeId, cluster, engine, namespace: name, releaseName, ...known };
}
