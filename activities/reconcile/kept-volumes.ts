import { log } from '@temporalio/activity';
import { StoreError } from '../../domain/failure.ts';
import { parseKeptUntil } from '../../domain/kept-volumes.ts';
import { withHeartbeat } from '../runtime/activity-context.ts';
import type { KeptVolume, KeptVolumeSearch } from './kept-volume-search.ts';
import { storeIdIn } from './orphan-decision.ts';
import type { RemovalGuard } from './removal-guard.ts';
import type { ReconcileRecords, StoreOwnership } from '../../domain/ports/reconcile-records.ts';

export interface ReleaseExpiredVolumesInput {
  readonly cluster: string;
  readonly pageSize: number;
  readonly after: string | null;
  /** Start of the pass, in RFC 3339, by the clock of the Temporal server. */
  readonly passBegan: string;
}

export interface ReleaseExpiredVolumesResult {
  readonly released: number;
  readonly next: string | null;
}

/** Creates the activity that releases kept volumes. Safe to repeat: it acts on the current state only. */
export function createKeptVolumeActivities(deps: {
  readonly search: KeptVolumeSearch;
  readonly ownership: Pick<ReconcileRecords, 'ownershipById'>;
  readonly guard: RemovalGuard;
  readonly now: () => Date;
}) {
  /**
   * Releases each volume of one page whose retention is over. A volume that cannot be released does not stop the others:
   * the next pass tries it again.
   */
  async function releaseExpiredVolumes(input: ReleaseExpiredVolumesInput): Promise<ReleaseExpiredVolumesResult> {
    const { volumes, next } = await deps.search.page({ limit: input.pageSize, after: input.after });
    const now = earlier(deps.now(), new Date(input.passBegan));
    const due = volumes.filter((volume) => isExpired(volume, now));
    // A restored database may say that a store is deleted which was brought back later.
    if (due.length > 0 && (await deps.guard.arePaused())) return { released: 0, next };
    const ownershipOf = await readOwnership(due);
    let released = 0;
    for (const volume of due) {
      if (isOfDeletedStore(volume, ownershipOf(volume), input.cluster) && (await releaseOne(volume))) released += 1;
    }
    return { released, next };
  }

  async function readOwnership(volumes: readonly KeptVolume[]) {
    const ids = [...new Set(volumes.flatMap((volume) => storeIdIn(volume) ?? []))];
    const known = new Map((await deps.ownership.ownershipById(ids)).map((found) => [found.target.storeId, found]));
    return (volume: KeptVolume) => known.get(storeIdIn(volume) ?? '');
  }

  async function releaseOne(volume: KeptVolume): Promise<boolean> {
    const context = { volume: volume.name, storeId: storeIdIn(volume), keptUntil: volume.mark };
    try {
      if (!(await deps.search.release(volume))) return false;
      log.info('released a volume of a deleted store, because its retention is over', context);
      return true;
    } catch (error) {
      if (!(error instanceof StoreError) || error.code === 'CLUSTER_UNAVAILABLE') throw error;
      log.warn('a volume whose retention is over could not be released; the next pass tries again', {
        ...context,
        reason: error.message,
      });
      return false;
    }
  }

  return {
    releaseExpiredVolumes: (input: ReleaseExpiredVolumesInput) => withHeartbeat(() => releaseExpiredVolumes(input)),
  };
}

/** Two clocks must agree that the time is over: no data is lost when the clock of one machine runs ahead. */
function earlier(one: Date, other: Date): Date {
  return one < other ? one : other;
}

/**
 * Returns whether the retention of a volume is over and its claim is gone. Only a mark with a past instant counts: a
 * volume with another mark, or with none, is kept and listed as an orphan.
 */
export function isExpired(volume: Pick<KeptVolume, 'mark' | 'phase' | 'reclaimPolicy'>, now: Date): boolean {
  const until = parseKeptUntil(volume.mark);
  const isUnclaimed = volume.phase === 'Released' || volume.phase === 'Failed';
  return until.kind === 'instant' && until.at <= now && isUnclaimed && volume.reclaimPolicy === 'Retain';
}

/**
 * Returns whether the record says that the store of the volume was in this cluster and is deleted. Without a record, nothing
 * with data is removed.
 */
export function isOfDeletedStore(volume: KeptVolume, ownership: StoreOwnership | undefined, cluster: string): boolean {
  if (ownership?.status !== 'deleted') return false;
  return ownership.target.cluster === cluster && ownership.target.namespace === volume.claimNamespace;
}
