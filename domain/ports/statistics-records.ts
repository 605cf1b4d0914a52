import type { Engine } from '../engines/index.ts';
import type { FailureCode } from '../failure.ts';
import type { OperationKind, OperationStatus, Step } from '../operations/catalogue.ts';
import type { BucketedRange, HistogramClass, StoresInBucket } from '../statistics.ts';
import type { StoreStatus } from '../store/status.ts';

/** Statuses of operations that have ended. */
export type OperationOutcome = Extract<OperationStatus, 'succeeded' | 'failed' | 'cancelled' | 'superseded'>;

/** How long something took, in seconds. */
export interface DurationStatistics {
  readonly count: number;
  readonly p50Seconds: number;
  readonly p90Seconds: number;
  readonly p99Seconds: number;
}

export interface Statistics extends BucketedRange {
  /** Stores that are not deleted, at the moment. */
  readonly stores: readonly { readonly status: StoreStatus; readonly engine: Engine; readonly count: number }[];
  readonly storesOverTime: readonly StoresInBucket[];
  /** Operations that ended in a bucket. Only counts above 0. */
  readonly operations: readonly {
    readonly at: Date;
    readonly kind: OperationKind;
    readonly outcome: OperationOutcome;
    readonly count: number;
  }[];
  /** Operations that failed in a bucket, by their cause. Only counts above 0. */
  readonly failures: readonly { readonly at: Date; readonly code: FailureCode; readonly count: number }[];
  /** From the request of a provision to its success. */
  readonly timeToReady: readonly (DurationStatistics & {
    readonly engine: Engine;
    readonly histogram: readonly HistogramClass[];
  })[];
  /** The steps of the newest provisions that succeeded, in their order. */
  readonly provisionSteps: readonly (DurationStatistics & { readonly step: Step })[];
}

/** Statistics about stores and operations. Every function throws StoreError DATABASE_UNAVAILABLE when Postgres does not answer. */
export interface StatisticsRecords {
  statisticsOfTenant(tenantId: string, range: BucketedRange): Promise<Statistics>;
  /** Returns the statistics of all tenants, or of one. */
  statisticsOfAll(tenantId: string | undefined, range: BucketedRange): Promise<Statistics>;
}
