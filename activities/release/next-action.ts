import { isDeepStrictEqual } from 'node:util';
import { assertNever } from '../../domain/assert-never.ts';
import type { ReleaseRecord } from '../adapters/helm-record.ts';

/** The requested release. */
export interface WantedRelease {
  readonly chartName: string;
  readonly chartVersion: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** The state of a release by its newest record. */
export type ObservedRelease =
  | { readonly kind: 'absent' }
  /** The status is `pending-…`: Helm is running, or was killed. */
  | { readonly kind: 'locked'; readonly revision: number; readonly sinceMs: number; readonly lastGood: number | null }
  | { readonly kind: 'failed'; readonly revision: number }
  | { readonly kind: 'outdated'; readonly revision: number }
  | { readonly kind: 'inSync'; readonly revision: number }
  /** An uninstall has begun. It must be completed first. */
  | { readonly kind: 'uninstalling'; readonly revision: number };

export type ReleaseAction = 'install' | 'unlock' | 'upgrade' | 'uninstall' | 'none';

/**
 * Returns the next action; the caller observes the release again after it. With `reapply`, a release that is in sync is
 * upgraded once, which creates its missing objects.
 */
export function nextReleaseAction(
  observed: ObservedRelease,
  { reapply }: { readonly reapply: boolean } = { reapply: false },
): ReleaseAction {
  switch (observed.kind) {
    case 'absent':
      return 'install';
    case 'locked':
      return 'unlock'; // a killed Helm leaves a pending record, which blocks every other action
    case 'failed':
      return 'upgrade'; // also when no revision ever succeeded: Helm upgrades a failed first install
    case 'outdated':
      return 'upgrade';
    case 'uninstalling':
      return 'uninstall';
    case 'inSync':
      return reapply ? 'upgrade' : 'none';
    default:
      return assertNever(observed);
  }
}

/**
 * Classifies a release by its records.
 *
 * @param newest The newest record; undefined without a record.
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
    // Compared as JSON, as Helm received them: a value that JSON drops is no difference.
    isDeepStrictEqual(JSON.parse(JSON.stringify(record.values)), JSON.parse(JSON.stringify(wanted.values)))
  );
}
