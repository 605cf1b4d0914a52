import type { FaultKind } from './fault-kind.ts';
import { API_KINDS } from './kinds/api.ts';
import { MACHINE_KINDS } from './kinds/machine.ts';
import { RACE_KINDS } from './kinds/races.ts';
import { SERVICE_KINDS } from './kinds/services.ts';
import { WORKER_KINDS } from './kinds/workers.ts';
import { WORKLOAD_KINDS } from './kinds/workloads.ts';

/** Every fault that the environment knows, the sweep aside. */
export const CATALOGUE: readonly FaultKind[] = [
  ...WORKER_KINDS,
  ...API_KINDS,
  ...SERVICE_KINDS,
  ...RACE_KINDS,
  ...WORKLOAD_KINDS,
  ...MACHINE_KINDS,
];

/** What the short form has time for beside its part of the sweep: a worker and an API that die. */
export const SHORT_FORM: ReadonlySet<string> = new Set(['kill-worker-in-install-release', 'kill-api-before-start']);
