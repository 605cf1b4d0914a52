import { assertNever } from '../../domain/assert-never.ts';
import { ENGINES, type Engine } from '../../domain/engines/index.ts';
import { LABELS } from '../../domain/names.ts';
import type { StoreTarget } from '../../domain/operations/types.ts';
import type { Orphan } from '../../domain/orphans.ts';
import type { OperationKind, StoreStatus } from '../../domain/store/status.ts';
import type { Candidate, NamespaceFate } from './orphan-search.ts';

/** What the records say of the store that an object names, or whose namespace it is in. */
export interface Account {
  readonly target: StoreTarget;
  readonly status: StoreStatus;
  readonly operation: { readonly kind: OperationKind; readonly isRunning: boolean };
  readonly isDeleteRequested: boolean;
  readonly hasBeenReady: boolean;
  readonly correlationId: string;
  readonly updatedAt: Date;
}

export type Verdict =
  /** A store accounts for it, or it is none of our business. */
  | { readonly kind: 'fine' }
  | { readonly kind: 'orphan'; readonly reason: string; readonly removable: boolean }
  /** What the undo of a store's provision, or its delete, could not remove: the store's own removal is to try again. */
  | { readonly kind: 'remains'; readonly account: Account };

const FINE = { kind: 'fine' } as const;
/** An operation that ended this recently may still be looked at, or tried again, by whoever asked for it. */
const REMAINS_AFTER_MS = 5 * 60_000;
/** A delete tries for an hour by itself; what stopped it so long needs time to go away. */
const DELETE_AGAIN_AFTER_MS = 60 * 60_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The store that an object says it belongs to. */
export function storeIdIn({ labels }: Pick<Candidate, 'labels'>): string | undefined {
  const id = labels[LABELS.storeId];
  return id !== undefined && UUID.test(id) ? id : undefined;
}

/** Whether a namespace with our labels has a store to belong to. */
export function judgeNamespace(
  candidate: Pick<Candidate, 'name' | 'labels' | 'isGoing'>,
  account: Account | undefined,
  { installation, now }: { readonly installation: string; readonly now: Date },
): Verdict {
  const madeBy = candidate.labels[LABELS.installation];
  // Another platform on the same cluster keeps records of its own.
  if (madeBy !== undefined && madeBy !== installation) return FINE;
  const isRemovable = madeBy === installation && !candidate.isGoing && targetIn(candidate) !== undefined;
  if (storeIdIn(candidate) === undefined) return orphan('its label names no store', false);
  if (account === undefined) return orphan('there is no record of its store', isRemovable);
  if (account.target.namespace !== candidate.name) return orphan('its store lives in another namespace', false);
  if (account.status === 'deleted') return orphan('its store is deleted', isRemovable);
  return mayHaveLeftRemains(account, now) ? { kind: 'remains', account } : FINE;
}

function mayHaveLeftRemains(account: Account, now: Date): boolean {
  const { operation, updatedAt } = account;
  const quietMs = now.getTime() - updatedAt.getTime();
  if (operation.kind === 'delete') {
    return account.status === 'failed' && !operation.isRunning && quietMs >= DELETE_AGAIN_AFTER_MS;
  }
  return mayGo(account) && quietMs >= REMAINS_AFTER_MS;
}

/** Whether all that the cluster has of a store may go, by its record; without a record, it may. */
export function mayGo(account: Account | undefined): boolean {
  if (account === undefined || account.status === 'deleted') return true;
  const { status, operation, isDeleteRequested, hasBeenReady } = account;
  // What failed or was cancelled has nothing to keep, unless it was ready before: then there are data.
  const hasEnded = (status === 'failed' || status === 'cancelled') && !operation.isRunning;
  return hasEnded && !isDeleteRequested && !hasBeenReady;
}

/**
 * Whether something that is no namespace is an orphan.
 *
 * @param fate What became of the namespace that it is in, or that claimed it.
 */
export function judgeObject(candidate: Candidate, account: Account | undefined, fate: NamespaceFate): Verdict {
  switch (candidate.source) {
    case 'namespaces':
      throw new Error('a namespace is judged by its own record');
    case 'volumes':
      return judgeVolume(candidate, account, fate);
    case 'secrets':
      return judgeSecret(candidate, account, fate);
    case 'release-records':
      return judgeReleaseRecord(candidate, account, fate);
    default:
      return assertNever(candidate.source);
  }
}

function judgeVolume(candidate: Candidate, account: Account | undefined, fate: NamespaceFate): Verdict {
  if (fate !== 'gone' || isAlive(account)) return FINE;
  if (candidate.isKept) return orphan('its store is gone; it is kept on purpose', false);
  // Without a record nothing says which of the platforms on the cluster it belonged to.
  return orphan('the namespace that claimed it is gone', isRecorded(candidate, account));
}

function judgeSecret(candidate: Candidate, account: Account | undefined, fate: NamespaceFate): Verdict {
  if (isAlive(account) && account?.target.namespace === candidate.namespace) return FINE;
  // It goes with the namespace, which is listed itself.
  return fate === 'ours' ? FINE : orphan('its store is not here', isRecorded(candidate, account));
}

function judgeReleaseRecord(candidate: Candidate, account: Account | undefined, fate: NamespaceFate): Verdict {
  const releaseName = candidate.labels['name'] ?? '';
  const isOfStore = isAlive(account) ? account?.target.releaseName === releaseName : fate === 'ours';
  return isOfStore ? FINE : orphan(`the release ${releaseName} is no store's`, false);
}

/** Labelled with a store of ours, by its record, that has come to its end. */
function isRecorded(candidate: Candidate, account: Account | undefined): boolean {
  return account?.status === 'deleted' && storeIdIn(candidate) === account.target.storeId;
}

function isAlive(account: Account | undefined): boolean {
  return account !== undefined && account.status !== 'deleted';
}

function orphan(reason: string, removable: boolean): Verdict {
  return { kind: 'orphan', reason, removable };
}

/** The orphan as it is listed. */
export function asOrphan(candidate: Candidate, verdict: Extract<Verdict, { kind: 'orphan' }>): Orphan {
  const { kind, name, namespace, uid } = candidate;
  return {
    kind,
    name,
    namespace: kind === 'Secret' ? namespace : null,
    uid,
    storeId: storeIdIn(candidate) ?? null,
    reason: verdict.reason,
    removable: verdict.removable,
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
