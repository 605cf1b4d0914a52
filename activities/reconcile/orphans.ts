import { log } from '@temporalio/activity';
import type { AbsenceReceipt, ActivityInput, StoreTarget } from '../../domain/operations/types.ts';
import { guardRemovals, type Orphan, type SeenOrphan } from '../../domain/orphans.ts';
import { withHeartbeat } from '../runtime/activity-context.ts';
import type { Candidate, NamespaceOwnership, OrphanSearch, OrphanSource } from './orphan-search.ts';
import {
  type StoreOwnership,
  asOrphan,
  classifyNamespace,
  classifyObject,
  isRemovable,
  storeIdIn,
  targetIn,
  type OrphanDecision,
} from './orphan-decision.ts';
import type { StoreOperations } from '../../domain/ports/store-operations.ts';

export interface OrphanDependencies {
  readonly search: OrphanSearch;
  readonly installation: () => Promise<string>;
  readonly ownership: {
    ownershipById(storeIds: readonly string[]): Promise<readonly StoreOwnership[]>;
    ownershipByNamespace(namespaces: readonly string[]): Promise<readonly StoreOwnership[]>;
    recordLeftoversRemoved(
      input: { readonly storeId: string; readonly runId: string; readonly receipt: AbsenceReceipt },
      now: Date,
    ): Promise<{ readonly next: 'delete' | null }>;
  };
  /** What was found, kept over passes. */
  readonly list: {
    noteSeen(input: {
      readonly orphans: readonly Orphan[];
      readonly graceSeconds: number;
      readonly now: Date;
    }): Promise<void>;
    forgetUnseen(input: { readonly before: Date }): Promise<void>;
    listDue(input: { readonly now: Date; readonly limit: number }): Promise<readonly SeenOrphan[]>;
    forget(uid: string): Promise<void>;
  };
  readonly operations: Pick<StoreOperations, 'start'>;
  /** How long an orphan stays before it is removed. */
  readonly graceSeconds: number;
  /** Removals in one pass; when more orphans than that are due at once, none is removed. */
  readonly maxRemovals: number;
  readonly now: () => Date;
}

export interface FindOrphansInput {
  readonly source: OrphanSource;
  readonly pageSize: number;
  readonly after: string | null;
  /** Stores whose remains have been seen to in this pass; there is a bound on it. */
  readonly cleanupsStarted: number;
}

export interface FindOrphansResult {
  readonly found: number;
  readonly cleanupsStarted: number;
  readonly next: string | null;
}

export interface SettleOrphansResult {
  readonly removed: number;
  /** Due, and more at once than may go: a person has to look. */
  readonly heldBack: number;
}

/** Finding and removing objects that belong to no store. All are safe to repeat: they look, and act on what they see. */
export function createOrphanActivities(deps: OrphanDependencies) {
  const { search, ownership: records, list, operations } = deps;

  /**
   * Compares one page of the cluster with the records: lists objects that belong to no store, and has removed what ended
   * operations have left of their stores.
   */
  async function findOrphans(input: FindOrphansInput): Promise<FindOrphansResult> {
    const { candidates, next } = await search.page(input.source, { limit: input.pageSize, after: input.after });
    const ownershipOf = await readOwnership(input.source, candidates);
    const found: Orphan[] = [];
    let { cleanupsStarted } = input;
    for (const candidate of candidates) {
      const decision = await classify(candidate, ownershipOf(candidate));
      if (decision.kind === 'orphan') found.push(asOrphan(candidate, decision));
      if (
        decision.kind === 'leftovers' &&
        cleanupsStarted < deps.maxRemovals &&
        (await startCleanup(decision.ownership))
      ) {
        cleanupsStarted += 1;
      }
    }
    await list.noteSeen({ orphans: found, graceSeconds: deps.graceSeconds, now: deps.now() });
    return { found: found.length, cleanupsStarted, next };
  }

  /** After a pass that has seen everything: forgets what is gone, and removes what is due, unless that is suspiciously much. */
  async function settleOrphans(input: { readonly passBegan: string }): Promise<SettleOrphansResult> {
    await list.forgetUnseen({ before: new Date(input.passBegan) });
    const due = await list.listDue({ now: deps.now(), limit: deps.maxRemovals + 1 });
    const { remove, heldBack } = guardRemovals(due, deps.maxRemovals);
    if (heldBack > 0) {
      log.error('ALARM: more orphans are due at once than may be removed, so none is; look at GET /api/orphans', {
        limit: deps.maxRemovals,
        sample: due.slice(0, 5).map(({ kind, name }) => `${kind}/${name}`),
      });
    }
    for (const orphan of remove) await removeOrphan(orphan);
    return { removed: remove.length, heldBack };
  }

  /** Whether all that is left of a store may go: asked by the run that holds the store's workflow id, so it stays true. */
  async function checkLeftovers({ store }: ActivityInput): Promise<{ readonly isRemovable: boolean }> {
    const [ownership] = await records.ownershipById([store.storeId]);
    return { isRemovable: isRemovable(ownership) };
  }

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
      return key === undefined ? undefined : byKey.get(key);
    };
  }

  async function classify(candidate: Candidate, ownership: StoreOwnership | undefined): Promise<OrphanDecision> {
    if (candidate.source === 'namespaces') {
      return classifyNamespace(candidate, ownership, { installation: await deps.installation(), now: deps.now() });
    }
    return classifyObject(candidate, ownership, await namespaceOwnership(candidate, ownership));
  }

  /** Nearly all objects are in the namespace of a living store: only for the others it is looked at. */
  async function namespaceOwnership(
    { namespace }: Candidate,
    ownership: StoreOwnership | undefined,
  ): Promise<NamespaceOwnership> {
    const isAtHome = ownership?.target.namespace === namespace && ownership.status !== 'deleted';
    return isAtHome ? 'ours' : search.namespaceOwnership(namespace);
  }

  /** By the store's own means, under its workflow id: a failed delete is done again, other remains are swept away. */
  async function startCleanup({ target, operation, correlationId }: StoreOwnership): Promise<boolean> {
    const kind = operation.kind === 'delete' ? 'delete' : 'cleanup';
    const outcome = await operations.start(kind, { store: target, correlationId });
    if (outcome.kind === 'started')
      log.warn('removing what an ended store has left', { storeId: target.storeId, kind });
    return outcome.kind === 'started';
  }

  async function removeOrphan(orphan: SeenOrphan): Promise<void> {
    log.warn('removing an orphan', { kind: orphan.kind, name: orphan.name, storeId: orphan.storeId });
    if (orphan.kind !== 'Namespace') {
      await search.remove(orphan);
      await list.forget(orphan.uid);
      return;
    }
    const store = await orphanedStore(orphan);
    // Absence is proved by its run; the next pass forgets the orphan once it is not seen any more.
    if (store !== undefined) await operations.start('cleanup', { store, correlationId: `orphan-${orphan.uid}` });
  }

  async function orphanedStore(orphan: SeenOrphan): Promise<StoreTarget | undefined> {
    const namespace = await search.readNamespace(orphan);
    if (namespace === undefined) return undefined;
    const storeId = storeIdIn(namespace);
    const [ownership] = storeId === undefined ? [] : await records.ownershipById([storeId]);
    const decision = classifyNamespace(namespace, ownership, {
      installation: await deps.installation(),
      now: deps.now(),
    });
    return decision.kind === 'orphan' && decision.isRemovable ? targetIn(namespace) : undefined;
  }

  return {
    findOrphans: (input: FindOrphansInput) => withHeartbeat(() => findOrphans(input)),
    settleOrphans: (input: { readonly passBegan: string }) => withHeartbeat(() => settleOrphans(input)),
    checkLeftovers,
    recordLeftoversRemoved,
  };
}
