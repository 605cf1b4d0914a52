import { log } from '@temporalio/activity';
import type { AbsenceReceipt, ActivityInput, StoreTarget } from '../../domain/operations/types.ts';
import { guardRemovals, type Orphan, type SeenOrphan } from '../../domain/orphans.ts';
import { beating } from '../runtime/activity-context.ts';
import type { Candidate, NamespaceFate, OrphanSearch, OrphanSource } from './orphan-search.ts';
import {
  type Account,
  asOrphan,
  judgeNamespace,
  judgeObject,
  mayGo,
  storeIdIn,
  targetIn,
  type Verdict,
} from './orphan-decision.ts';
import type { StoreOperations } from '../../domain/ports/store-operations.ts';

export interface OrphanDependencies {
  readonly search: OrphanSearch;
  readonly installation: () => Promise<string>;
  readonly accounts: {
    accountsById(storeIds: readonly string[]): Promise<readonly Account[]>;
    accountsByNamespace(namespaces: readonly string[]): Promise<readonly Account[]>;
    recordRemainsRemoved(
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
  readonly remainsStarted: number;
}

export interface FindOrphansResult {
  readonly found: number;
  readonly remainsStarted: number;
  readonly next: string | null;
}

export interface SettleOrphansResult {
  readonly removed: number;
  /** Due, and more at once than may go: a person has to look. */
  readonly heldBack: number;
}

/** Finding and removing what no store accounts for. All are safe to repeat: they look, and act on what they see. */
export function createOrphanActivities(deps: OrphanDependencies) {
  const { search, accounts, list, operations } = deps;

  /**
   * Compares one page of the cluster with the records: lists what no store accounts for, and has removed what ended
   * operations have left of their stores.
   */
  async function findOrphans(input: FindOrphansInput): Promise<FindOrphansResult> {
    const { candidates, next } = await search.page(input.source, { limit: input.pageSize, after: input.after });
    const accountOf = await readAccounts(input.source, candidates);
    const found: Orphan[] = [];
    let { remainsStarted } = input;
    for (const candidate of candidates) {
      const verdict = await judge(candidate, accountOf(candidate));
      if (verdict.kind === 'orphan') found.push(asOrphan(candidate, verdict));
      if (verdict.kind === 'remains' && remainsStarted < deps.maxRemovals && (await removeRemains(verdict.account))) {
        remainsStarted += 1;
      }
    }
    await list.noteSeen({ orphans: found, graceSeconds: deps.graceSeconds, now: deps.now() });
    return { found: found.length, remainsStarted, next };
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
  async function checkRemains({ store }: ActivityInput): Promise<{ readonly isRemovable: boolean }> {
    const [account] = await accounts.accountsById([store.storeId]);
    return { isRemovable: mayGo(account) };
  }

  async function recordRemainsRemoved(input: ActivityInput & { readonly receipt: AbsenceReceipt }) {
    const { store, run, receipt } = input;
    return accounts.recordRemainsRemoved({ storeId: store.storeId, runId: run.runId, receipt }, deps.now());
  }

  async function readAccounts(source: OrphanSource, candidates: readonly Candidate[]) {
    const byId = source === 'namespaces' || source === 'secrets';
    const keyOf = (candidate: Candidate) => (byId ? storeIdIn(candidate) : candidate.namespace);
    const keys = [...new Set(candidates.flatMap((candidate) => keyOf(candidate) ?? []))];
    const known = await (byId ? accounts.accountsById(keys) : accounts.accountsByNamespace(keys));
    const byKey = new Map(known.map((account) => [byId ? account.target.storeId : account.target.namespace, account]));
    return (candidate: Candidate) => byKey.get(keyOf(candidate) ?? '');
  }

  async function judge(candidate: Candidate, account: Account | undefined): Promise<Verdict> {
    if (candidate.source === 'namespaces') {
      return judgeNamespace(candidate, account, { installation: await deps.installation(), now: deps.now() });
    }
    return judgeObject(candidate, account, await fateOf(candidate, account));
  }

  /** Nearly all objects are in the namespace of a living store: only for the others it is looked at. */
  async function fateOf({ namespace }: Candidate, account: Account | undefined): Promise<NamespaceFate> {
    const isAtHome = account?.target.namespace === namespace && account.status !== 'deleted';
    return isAtHome ? 'ours' : search.fateOf(namespace);
  }

  /** By the store's own means, under its workflow id: a failed delete is done again, other remains are swept away. */
  async function removeRemains({ target, operation, correlationId }: Account): Promise<boolean> {
    const kind = operation.kind === 'delete' ? 'delete' : 'sweep';
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
    if (store !== undefined) await operations.start('sweep', { store, correlationId: `orphan-${orphan.uid}` });
  }

  async function orphanedStore(orphan: SeenOrphan): Promise<StoreTarget | undefined> {
    const namespace = await search.readNamespace(orphan);
    if (namespace === undefined) return undefined;
    const [account] = await accounts.accountsById([storeIdIn(namespace) ?? ''].filter(Boolean));
    const verdict = judgeNamespace(namespace, account, { installation: await deps.installation(), now: deps.now() });
    return verdict.kind === 'orphan' && verdict.removable ? targetIn(namespace) : undefined;
  }

  return {
    findOrphans: (input: FindOrphansInput) => beating(() => findOrphans(input)),
    settleOrphans: (input: { readonly passBegan: string }) => beating(() => settleOrphans(input)),
    checkRemains,
    recordRemainsRemoved,
  };
}
