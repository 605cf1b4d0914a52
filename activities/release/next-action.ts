import { isDeepStrictEqual } from 'node:util';
import { assertNever } from '../../domain/assert-never.ts';
import type { ReleaseRecord } from '../adapters/helm-record.ts';

/** What a release was asked to be. */
export interface WantedRelease {
  readonly chartName: string;
  readonly chartVersion: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** What the newest record says about a release. */
export type ObservedRelease =
  | { readonly kind: 'absent' }
  /** Helm wrote `pending-…` and did not come back to it. */
  | { readonly kind: 'locked'; readonly revision: number; readonly sinceMs: number; readonly lastGood: number | null }
  | { readonly kind: 'failed'; readonly revision: number }
  | { readonly kind: 'outdated'; readonly revision: number }
  | { readonly kind: 'inSync'; readonly revision: number }
  /** A removal was begun and not finished: the only way on is to finish it. */
  | { readonly kind: 'uninstalling'; readonly revision: number };

export type ReleaseAction = 'install' | 'unlock' | 'upgrade' | 'uninstall' | 'none';

/**
 * At most one thing to do next; whoever does it looks again afterwards. `reapply`: what is as wanted is applied once more,
 * which makes anew what of it is missing.
 */
export function nextReleaseAction(
  seen: ObservedRelease,
  { reapply }: { readonly reapply: boolean } = { reapply: false },
): ReleaseAction {
  switch (seen.kind) {
    case 'absent':
      return 'install';
    case 'locked':
      return 'unlock'; // a killed Helm leaves a pending record; nothing works until it is cleared
    case 'failed':
      return 'upgrade'; // also when no revision ever succeeded: Helm upgrades a failed first install
    case 'outdated':
      return 'upgrade';
    case 'uninstalling':
      return 'uninstall';
    case 'inSync':
      return reapply ? 'upgrade' : 'none';
    default:
      return assertNever(seen);
  }
}

/**
 * Classifies a release.
 *
 * @param newest The newest record, undefined when there is none.
 * @param history Revision and status of all records.
 */
export function classifyRelease(
  newest: ReleaseRecord | undefined,
  history: readonly { readonly revision: number; readonly status: string }[],
  wanted: WantedRelease,
): ObservedRelease {
  if (newest === undefined || newest.status === 'uninstalled') return { kind: 'absent' };
  const { revision, status } = newest;
  if (status.startsWith('pending-')) {
    const good = history.filter((past) => past.status === 'deployed' || past.status === 'superseded');
    const lastGood = good.length === 0 ? null : Math.max(...good.map((past) => past.revision));
    return { kind: 'locked', revision, sinceMs: newest.begunAtMs, lastGood };
  }
  if (status === 'uninstalling') return { kind: 'uninstalling', revision };
  if (status !== 'deployed') return { kind: 'failed', revision };
  return { kind: isAsWanted(newest, wanted) ? 'inSync' : 'outdated', revision };
}

function isAsWanted(record: ReleaseRecord, wanted: WantedRelease): boolean {
  return (
    record.chartName === wanted.chartName &&
    record.chartVersion === wanted.chartVersion &&
    // Through JSON, since that is how Helm got them: what JSON drops is no difference.
    isDeepStrictEqual(JSON.parse(JSON.stringify(record.values)), JSON.parse(JSON.stringify(wanted.values)))
  );
}
