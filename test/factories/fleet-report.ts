import type { FleetReport } from '../../domain/ports/fleet-records.ts';

/** The report of a platform without stores. */
export const NO_FLEET: FleetReport = {
  takenAtMs: 0,
  stores: [],
  operations: [],
  conditions: [],
  drifted: [],
  serving: [],
  orphans: [],
  unaccounted: [],
  areRemovalsPaused: false,
  passes: [],
  clusters: [],
  webhooks: [],
  deliveries: [],
};

/** A report with an entry in each list. */
export const FLEET: FleetReport = {
  ...NO_FLEET,
  stores: [
    { engine: 'woocommerce', status: 'ready', count: 2 },
    { engine: 'medusa', status: 'failed', count: 1 },
  ],
  operations: [{ kind: 'provision', status: 'queued', step: null, count: 4, oldestSeconds: 90 }],
  conditions: [{ type: 'Stalled', count: 1 }],
  drifted: [{ needsOperator: true, count: 1 }],
  serving: [{ engine: 'woocommerce', count: 2, verified: 1, degraded: 1, oldestSeconds: 9_000 }],
  orphans: [{ cluster: 'default', kind: 'Secret', isDue: true, count: 5 }],
  unaccounted: [{ decision: null, count: 1 }],
  areRemovalsPaused: true,
  passes: [{ cluster: 'default', pass: 'verify-stores', completedAtSeconds: 1_000 }],
  clusters: [{ cluster: 'default', isReachable: true, stores: 3 }],
  webhooks: [{ status: 'disabled', reason: 'gone', count: 1 }],
  deliveries: [{ state: 'pending', count: 1, oldestSeconds: 20 }],
};
