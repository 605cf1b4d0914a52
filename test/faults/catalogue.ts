import type { FaultKind } from './fault-kind.ts';
import type { Options } from './options.ts';
import { API_KINDS } from './kinds/api.ts';
import { DATABASE_KINDS } from './kinds/database.ts';
import { INSTALLATION_KINDS } from './kinds/installations.ts';
import { DELAY_KINDS } from './kinds/delays.ts';
import { MACHINE_KINDS } from './kinds/machine.ts';
import { RACE_KINDS } from './kinds/races.ts';
import { RECORD_KINDS } from './kinds/records.ts';
import { SERVICE_KINDS } from './kinds/services.ts';
import { SHOP_KINDS } from './kinds/shops.ts';
import { TEMPORAL_NODE_KINDS } from './kinds/temporal-nodes.ts';
import { WORKER_KINDS } from './kinds/workers.ts';
import { WORKLOAD_KINDS } from './kinds/workloads.ts';

/** Every fault except the crash sweep. */
export const CATALOGUE: readonly FaultKind[] = [
  ...WORKER_KINDS,
  ...API_KINDS,
  ...SERVICE_KINDS,
  ...TEMPORAL_NODE_KINDS,
  ...DATABASE_KINDS,
  ...RACE_KINDS,
  ...RECORD_KINDS,
  ...WORKLOAD_KINDS,
  ...INSTALLATION_KINDS,
  ...DELAY_KINDS,
  ...SHOP_KINDS,
  ...MACHINE_KINDS,
];

/** The faults of the short form, which also runs a part of the crash sweep: one kills a worker, one kills the API. */
export const SHORT_FORM: ReadonlySet<string> = new Set(['kill-worker-in-install-release', 'kill-api-before-start']);

/**
 * Returns the faults that the options select, and the names of those that are left out because they need another Temporal server.
 *
 * @throws Error when `only` names such a fault.
 */
export function selectKinds({ only, isShort, temporal }: Pick<Options, 'only' | 'isShort' | 'temporal'>): {
  readonly kinds: readonly FaultKind[];
  readonly leftOut: readonly string[];
} {
  const selected = CATALOGUE.filter(({ kind }) => {
    if (only.length > 0) return only.includes(kind);
    return isShort ? SHORT_FORM.has(kind) : true;
  });
  const isPossible = ({ needsTemporalCluster = false }: FaultKind): boolean =>
    temporal === 'cluster' || !needsTemporalCluster;
  const leftOut = selected.filter((kind) => !isPossible(kind)).map(({ kind }) => kind);
  if (only.length > 0 && leftOut.length > 0) throw new Error(`${leftOut.join(', ')} needs --temporal cluster`);
  return { kinds: selected.filter(isPossible), leftOut };
}
