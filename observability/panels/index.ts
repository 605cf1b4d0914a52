import { API } from './api.ts';
import type { Dashboard } from './dashboard.ts';
import { FLEET } from './fleet.ts';
import { STORE } from './store.ts';
import { TEMPORAL } from './temporal.ts';
import { WORKER } from './worker.ts';

/** All dashboards. */
export const DASHBOARDS: readonly Dashboard[] = [FLEET, STORE, API, WORKER, TEMPORAL];
