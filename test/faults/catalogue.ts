import type { FaultKind } from './fault-kind.ts';
import { API_KINDS } from './kinds/api.ts';
import { DATABASE_KINDS } from './kinds/database.ts';
import { INSTALLATION_KINDS } from './kinds/installations.ts';
import { DELAY_KINDS } from './kinds/delays.ts';
import { MACHINE_KINDS } from './kinds/machine.ts';
import { RACE_KINDS } from './kinds/races.ts';
import { RECORD_KINDS } from './kinds/records.ts';
import { SERVICE_KINDS } from './kinds/services.ts';
import { SHOP_KINDS } from './kinds/shops.ts';
import { WORKER_KINDS } from './kinds/workers.ts';
import { WORKLOAD_KINDS } from './kinds/workloads.ts';

/** Every fault except the crash sweep. */
export const CATALOGUE: readonly FaultKind[] = [
  ...WORKER_KINDS,
  ...API_KINDS,
  ...SERVICE_KINDS,
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
