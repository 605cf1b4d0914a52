import { ENGINES, type Engine } from '../../domain/engines/index.ts';

/** A service level objective: the share of events that must be good. */
export interface Objective {
  /** Value of the label `objective`. */
  readonly name: string;
  /** Name of its alerts. `docs/runbooks/` has a page with this name. */
  readonly alert: string;
  /** One sentence with the goal. */
  readonly summary: string;
  /** Share of good events, at least 0.95: below it, the fastest burn rate would be more than all events. */
  readonly target: number;
  /** Share of bad events over a window, such as `1h`. */
  readonly errors: (window: string) => string;
  /** Number of events over a window. Undefined: the errors are a share of time. */
  readonly events?: (window: string) => string;
}

/** A single failure among few events is no alarm. */
export const MIN_EVENTS = 10;

const CREATE = 'method="POST", route="/api/stores"';
const PROVISIONS = '{kind="provision"}';

/** Seconds in which a store must be ready. A store on a real node with images needs about 20 s, with image pulls 60 s. */
export const READY_WITHIN_SECONDS: Readonly<Record<Engine, number>> = { woocommerce: 90, medusa: 120 };

// Prometheus 3 reads the boundary 90 as 90.0.
function ready(engine: Engine): Objective {
  const histogram = 'store_platform_time_to_ready_seconds';
  const within = READY_WITHIN_SECONDS[engine];
  const count = (window: string) => `sum(increase(${histogram}_count{engine="${engine}"}[${window}]))`;
  return {
    name: `ready-${engine}`,
    alert: 'StorePlatformReadyTooSlow',
    summary: `95 % of the stores with the engine ${engine} are ready within ${within} s of the request`,
    target: 0.95,
    errors: (window) =>
      `1 - sum(increase(${histogram}_bucket{engine="${engine}", le=~"${within}(\\\\.0)?"}[${window}])) / (${count(window)} > 0)`,
    events: count,
  };
}

export const OBJECTIVES: readonly Objective[] = [
  {
    name: 'accepted',
    alert: 'StorePlatformAcceptedTooSlow',
    summary: '95 % of the requests that create a store are answered within 0.15 s',
    target: 0.95,
    errors: (window) =>
      `1 - sum(increase(store_platform_http_request_duration_seconds_bucket{${CREATE}, le="0.15"}[${window}]))` +
      ` / (sum(increase(store_platform_http_request_duration_seconds_count{${CREATE}}[${window}])) > 0)`,
    events: (window) => `sum(increase(store_platform_http_request_duration_seconds_count{${CREATE}}[${window}]))`,
  },
  ...ENGINES.map(ready),
  {
    name: 'provisioned',
    alert: 'StorePlatformProvisionsFail',
    summary: '99 % of the provisions end with a ready store, by a cancel, or with a failure that their request caused',
    target: 0.99,
    errors: (window) =>
      `sum(increase(store_platform_operation_failures_total{kind="provision", cause="platform"}[${window}]))` +
      ` / (sum(increase(store_platform_operations_ended_total${PROVISIONS}[${window}])) > 0)`,
    events: (window) => `sum(increase(store_platform_operations_ended_total${PROVISIONS}[${window}]))`,
  },
  {
    name: 'verified',
    alert: 'StorePlatformVerificationsMissing',
    summary: '99 % of the stores that serve traffic were verified in the last two hours',
    target: 0.99,
    errors: (window) => `avg_over_time(store_platform:stores_unverified:ratio[${window}])`,
  },
];
