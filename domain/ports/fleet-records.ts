import type { Engine } from '../engines/index.ts';
import type { OperationKind, OperationStatus, Step } from '../operations/catalogue.ts';
import type { OrphanKind } from '../orphans.ts';
import type { ConditionType } from '../store/conditions.ts';
import type { StoreStatus } from '../store/status.ts';
import type { UnaccountedDecision } from '../unaccounted.ts';
import type { DeliveryState, DisabledReason, WebhookStatus } from '../webhooks.ts';
import type { StorePass } from './pass-positions.ts';

/**
 * Seconds in which a verification must have passed. A pass over all stores starts every hour and ends within the hour, so two
 * passes in a row have missed or failed a store that is older.
 */
export const VERIFIED_WITHIN_SECONDS = 7_200;

/** The state of all stores of the installation. All ages are in seconds at `takenAt`. */
export interface FleetReport {
  /** Milliseconds since the epoch, by the clock of Postgres. */
  readonly takenAtMs: number;
  /** Stores that are not deleted. */
  readonly stores: readonly { readonly engine: Engine; readonly status: StoreStatus; readonly count: number }[];
  /** Operations that have not ended. A null step: no step has started. */
  readonly operations: readonly {
    readonly kind: OperationKind;
    readonly status: OperationStatus;
    readonly step: Step | null;
    readonly count: number;
    /** Age of the request that is oldest. */
    readonly oldestSeconds: number;
  }[];
  /** Number of stores for which a condition holds. */
  readonly conditions: readonly { readonly type: ConditionType; readonly count: number }[];
  /** Ready stores that differ from their release. `needsOperator`: the platform cannot repair all of their objects. */
  readonly drifted: readonly { readonly needsOperator: boolean; readonly count: number }[];
  /** Ready stores that serve traffic. Simulated nodes serve none. */
  readonly serving: readonly {
    readonly engine: Engine;
    readonly count: number;
    /** Stores whose last verification passed less than {@link VERIFIED_WITHIN_SECONDS} ago. */
    readonly verified: number;
    /** Stores whose newest verification failed. */
    readonly degraded: number;
    /** Time since the verification that is oldest. Null: no store serves traffic. */
    readonly oldestSeconds: number | null;
  }[];
  /** `isDue`: the grace period of the orphan is over. */
  readonly orphans: readonly {
    readonly cluster: string;
    readonly kind: OrphanKind;
    readonly isDue: boolean;
    readonly count: number;
  }[];
  /** Namespaces with data whose stores have no record. A null decision: an operator must decide. */
  readonly unaccounted: readonly { readonly decision: UnaccountedDecision | null; readonly count: number }[];
  readonly areRemovalsPaused: boolean;
  /** When a pass last reached all stores of a cluster, in seconds since the epoch. */
  readonly passes: readonly {
    readonly cluster: string;
    readonly pass: StorePass;
    readonly completedAtSeconds: number;
  }[];
  readonly clusters: readonly {
    readonly cluster: string;
    /** Whether a worker has reached the cluster a short time ago. */
    readonly isReachable: boolean;
    /** Stores in the cluster that are not deleted. */
    readonly stores: number;
  }[];
  readonly webhooks: readonly {
    readonly status: WebhookStatus;
    readonly reason: DisabledReason | null;
    readonly count: number;
  }[];
  /** Deliveries that have not ended. */
  readonly deliveries: readonly {
    readonly state: DeliveryState;
    readonly count: number;
    readonly oldestSeconds: number;
  }[];
}

/** Reads the state of all stores. */
export interface FleetRecords {
  /**
   * Returns a report that is at most ten seconds old. All processes share it, so more processes cause no more queries over
   * all stores.
   *
   * @throws StoreError DATABASE_UNAVAILABLE
   */
  read(): Promise<FleetReport>;
}
