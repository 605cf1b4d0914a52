import { log } from '@temporalio/activity';
import type { Orphan, SeenOrphan } from '../../domain/orphans.ts';
import { withHeartbeat } from '../runtime/activity-context.ts';
import type { Candidate, NamespaceOwnership, OrphanSearch, OrphanSource } from './orphan-search.ts';
import {
  asOrphan,
  classifyNamespace,
  classifyObject,
  isRemovable,
  needsEvidence,
  storeIdIn,
  targetIn,
  type OrphanDecision,
} from './orphan-decision.ts';
import { askOnce, type RemovalGuard } from './removal-guard.ts';
import type { UnaccountedRecords } from '../../domain/ports/unaccounted-records.ts';
import { mayHoldData, type SeenUnaccounted, type UnaccountedNamespace } from '../../domain/unaccounted.ts';
import type { OrphanRecords } from '../../domain/ports/orphan-records.ts';
import type { ReconcileRecords, StoreOwnership } from '../../domain/ports/reconcile-records.ts';
import type { StoreOperations } from '../../domain/ports/store-operations.ts';
import type { ActivityInput, StoreTarget } from '../../domain/operations/inputs.ts';
import type { AbsenceReceipt } from '../../domain/operations/outcomes.ts';

export interface OrphanDependencies {
  readonly search: OrphanSearch;
  /** Id of the installation that searches. */
  readonly installation: string;
  /** Name of the cluster that it searches. */
  readonly cluster: string;
  readonly ownership: Pick<ReconcileRecords, 'ownershipById' | 'ownershipByNamespace' | 'recordLeftoversRemoved'>;
  /** The list of orphans, kept between passes. */
  readonly list: Omit<OrphanRecords, 'list' | 'approve'>;
  /** The list of unaccounted namespaces, kept between passes. */
  readonly unaccounted: Pick<UnaccountedRecords, 'noteSeen' | 'forgetUnseen' | 'countUndecided' | 'find'>;
  readonly guard: RemovalGuard;
  readonly operations: Pick<StoreOperations, 'start'>;
  /** Grace period before an orphan is removed. */
  readonly graceSeconds: number;
  /** Largest number of orphans that may be due at once. If more are due, only those that an operator has approved are removed. */
  readonly maxRemovals: number;
  readonly now: () => Date;
}

export interface FindOrphansInput {
  readonly cluster: string;
  readonly source: OrphanSource;
  readonly pageSize: number;
  readonly after: string | null;
  /** Cleanups that this pass has started so far. Their number is limited. */
  readonly cleanupsStarted: number;
  /** Start of the pass, in RFC 3339, by the clock of the Temporal server. */
  readonly passBegan: string;
}

export interface FindOrphansResult {
  readonly found: number;
  readonly cleanupsStarted: number;
  readonly next: string | null;
}

export interface SettleOrphansInput {
  readonly cluster: string;
  /** Start of the pass, in RFC 3339, by the clock of the Temporal server. */
  readonly passBegan: string;
}

export interface SettleOrphansResult {
  readonly removed: number;
  /** Due orphans that were not removed: too many were due at once, or removals are paused. An operator must check them. */
  readonly heldBack: number;
}

/** Creates the activities that find and remove orphans. All are safe to repeat: they act on the current state only. */
export function createOrphanActivities(deps: OrphanDependencies) {
  const { search, installation, cluster, ownership: records, list, unaccounted, guard, operations } = deps;

  /**
   * Compares one page of the cluster with the records: lists objects that belong to no store, and starts the cleanup of
   * leftovers of failed operations.
   */
  async function findOrphans(input: FindOrphansInput): Promise<FindOrphansResult> {
    const { candidates, next } = await search.page(input.source, { limit: input.pageSize, after: input.after });
    const ownershipOf = await readOwnership(input.source, candidates);
    const found: Orphan[] = [];
    const withData: UnaccountedNamespace[] = [];
    const arePaused = askOnce(guard);
    let { cleanupsStarted } = input;
    for (const candidate of candidates) {
      const decision = await classify(candidate, ownershipOf(candidate));
      if (decision.kind === 'orphan') found.push(asOrphan(candidate, decision));
      if (decision.kind === 'unaccounted') withData.push(decision.found);
      if (
        decision.kind === 'leftovers' &&
        cleanupsStarted < deps.maxRemovals &&
        !(await arePaused()) &&
        (await startCleanup(decision.ownership))
      ) {
        cleanupsStarted += 1;
      }
    }
    const passBegan = new Date(input.passBegan);
    await list.noteSeen({ cluster, orphans: found, graceSeconds: deps.graceSeconds, passBegan, now: deps.now() });
    const entries = await unaccounted.noteSeen({ namespaces: withData, passBegan, now: deps.now() });
    for (const entry of entries) await carryOut(entry, arePaused);
    return { found: found.length, cleanupsStarted, next };
  }

  /**
   * After a complete pass: forgets orphans that no longer exist, and removes the due ones that no limit holds back or
   * whose removal an operator has approved. Every orphan in the list was seen by this pass.
   */
  async function settleOrphans(input: SettleOrphansInput): Promise<SettleOrphansResult> {
    const before = new Date(input.passBegan);
    await list.forgetUnseen({ cluster, before });
    await unaccounted.forgetUnseen({ cluster, before });
    const undecided = await unaccounted.countUndecided();
    if (undecided > 0) {
      log.warn('stores without a record are in the cluster; decide about them: GET /api/admin/unaccounted', {
        undecided,
      });
    }
    const limit = { cluster, now: deps.now(), maxRemovals: deps.maxRemovals };
    if (await guard.arePaused()) return { removed: 0, heldBack: await list.countDue(limit) };
    const { heldBack, examples } = await list.holdBack(limit);
    if (heldBack > 0) {
      log.error(
        'ALARM: more orphans were due at once than the limit allows; check GET /api/orphans and approve the removals',
        {
          heldBack,
          limit: deps.maxRemovals,
          sample: examples.map(({ kind, name }) => `${kind}/${name}`),
        },
      );
    }
    const removable = await list.listRemovable(limit);
    for (const orphan of removable) await removeOrphan(orphan);
    return { removed: removable.length, heldBack };
  }

  /** Returns whether an operator must confirm the database before anything is removed from the cluster. */
  async function checkRemovals(_input: { readonly cluster: string }): Promise<{ readonly arePaused: boolean }> {
    return { arePaused: await guard.arePaused() };
  }

  /**
   * Returns whether the objects of a store may be removed. The run holds the store's workflow id, so the answer stays
   * valid.
   */
  async function checkLeftovers({ store }: ActivityInput): Promise<{ readonly isRemovable: boolean }> {
    if (await guard.arePaused()) return { isRemovable: false };
    const [ownership] = await records.ownershipById([store.storeId]);
    const namespace = await search.findNamespace(store.namespace);
    if (ownership !== undefined) {
      if (ownership.target.cluster !== cluster) return { isRemovable: false };
      const wasReadyBefore = ownership.status !== 'deleted' && namespace !== undefined && namespace.readySince !== null;
      return { isRemovable: isRemovable(ownership) && !wasReadyBefore };
    }
    if (namespace === undefined) return { isRemovable: true };
    if (storeIdIn(namespace) !== store.storeId) return { isRemovable: false };
    if (!mayHoldData(await search.evidence(namespace))) return { isRemovable: true };
    const entry = await unaccounted.find(namespace.name);
    return { isRemovable: entry?.decision === 'remove' && entry.uid === namespace.uid };
  }

  /** Writes the receipt of a cleanup to the store's record. */
  async function recordLeftoversRemoved(input: ActivityInput & { readonly receipt: AbsenceReceipt }) {
    const { store, run, receipt } = input;
    return records.recordLeftoversRemoved({ storeId: store.storeId, runId: run.runId, receipt }, deps.now());
  }

  async function readOwnership(source: OrphanSource, candidates: readonly Candidate[]) {
    const byId = source === 'namespaces' || source === 'secrets';
    const keyOf = (candidate: Candidate) => (byId ? storeIdIn(candidate) : candidate.namespace);
    const keys = [...new Set(candidates.flatMap((candidate) => keyOf(candidate) ?? []))];
    const known = await (byId ? records.ownershipById(keys) : records.ownershipByNamespace(keys));
    const byKey = new Map(
      known.map((ownership) => [byId ? ownership.target.storeId : ownership.target.namespace, ownership]),
    );
    return (candidate: Candidate) => {
      const key = keyOf(candidate);
      const ownership = key === undefined ? undefined : byKey.get(key);
      // The objects of a store are in its cluster. Only a namespace is compared with the record of a store elsewhere.
      return source === 'namespaces' || ownership?.target.cluster === cluster ? ownership : undefined;
    };
  }

  async function classify(candidate: Candidate, ownership: StoreOwnership | undefined): Promise<OrphanDecision> {
    if (candidate.source === 'namespaces') return classifyOneNamespace(candidate, ownership);
    const owner = await namespaceOwnership(candidate, ownership);
    return classifyObject(candidate, ownership, { installation, namespaceOwnership: owner });
  }

  async function classifyOneNamespace(
    namespace: Candidate,
    ownership: StoreOwnership | undefined,
  ): Promise<OrphanDecision> {
    const evidence = needsEvidence(namespace, ownership, { installation, cluster })
      ? await search.evidence(namespace)
      : undefined;
    return classifyNamespace(namespace, ownership, { installation, cluster, now: deps.now(), evidence });
  }

  /** Starts the run that carries out what a person has decided about a namespace. */
  async function carryOut(
    { target, uid, decision, problem }: SeenUnaccounted,
    arePaused: () => Promise<boolean>,
  ): Promise<void> {
    if (decision === null || decision === 'keep' || problem !== null) return;
    if (decision === 'remove' && (await arePaused())) return;
    const kind = decision === 'adopt' ? 'adopt' : 'cleanup';
    await operations.start(kind, { store: target, correlationId: `unaccounted-${uid}` });
  }

  /** Reads the namespace only if it is not that of an existing store, which it is for nearly all objects. */
  async function namespaceOwnership(
    { namespace }: Candidate,
    ownership: StoreOwnership | undefined,
  ): Promise<NamespaceOwnership> {
    const isInStoreNamespace = ownership?.target.namespace === namespace && ownership.status !== 'deleted';
    return isInStoreNamespace ? 'ours' : search.namespaceOwnership(namespace);
  }

  /** Starts a run under the store's workflow id: the failed delete again, or a cleanup. */
  async function startCleanup({ target, operation, correlationId }: StoreOwnership): Promise<boolean> {
    const kind = operation.kind === 'delete' ? 'delete' : 'cleanup';
    const outcome = await operations.start(kind, { store: target, correlationId });
    if (outcome.kind === 'started')
      log.warn('started the cleanup of the leftovers of a store', { storeId: target.storeId, kind });
    return outcome.kind === 'started';
  }

  async function removeOrphan(orphan: SeenOrphan): Promise<void> {
    const { kind, name, storeId, approvedAt } = orphan;
    log.warn('removing an orphan', { kind, name, storeId, approvedAt });
    if (orphan.kind !== 'Namespace') {
      await search.remove(orphan);
      await list.forget(orphan.uid);
      return;
    }
    const store = await orphanedStore(orphan);
    // The cleanup run confirms the absence. The next pass forgets the orphan when it no longer finds it.
    if (store !== undefined) await operations.start('cleanup', { store, correlationId: `orphan-${orphan.uid}` });
  }

  async function orphanedStore(orphan: SeenOrphan): Promise<StoreTarget | undefined> {
    const namespace = await search.readNamespace(orphan);
    if (namespace === undefined) return undefined;
    const storeId = storeIdIn(namespace);
    const [ownership] = storeId === undefined ? [] : await records.ownershipById([storeId]);
    const decision = await classifyOneNamespace(namespace, ownership);
    return decision.kind === 'orphan' && decision.isRemovable ? targetIn(namespace, cluster) : undefined;
  }

  return {
    findOrphans: (input: FindOrphansInput) => withHeartbeat(() => findOrphans(input)),
    settleOrphans: (input: SettleOrphansInput) => withHeartbeat(() => settleOrphans(input)),
    checkRemovals,
    checkLeftovers,
    recordLeftoversRemoved,
  };
}
