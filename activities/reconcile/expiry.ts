import type { ActivityInput } from '../../domain/operations/inputs.ts';
import type { KeptVolumes } from '../../domain/operations/outcomes.ts';
import type { ClusterActivities } from '../../domain/ports/cluster.ts';
import type { RemovalGuard } from './removal-guard.ts';

export interface ExpiryResult extends KeptVolumes {
  /** True: removals are paused. Nothing was deleted, and the run must try again later. */
  readonly isPaused: boolean;
}

/** Creates the activity that deletes kept volumes. */
export function createExpiryActivities({
  cluster,
  guard,
}: {
  readonly cluster: Pick<ClusterActivities, 'expireVolumes'>;
  readonly guard: RemovalGuard;
}) {
  /** Deletes the kept volumes of a store, unless removals are paused. Safe to repeat. */
  async function expireVolumes(input: ActivityInput): Promise<ExpiryResult> {
    if (await guard.arePaused()) return { kept: [], until: null, isPaused: true };
    return { ...(await cluster.expireVolumes(input)), isPaused: false };
  }

  return { expireVolumes };
}
