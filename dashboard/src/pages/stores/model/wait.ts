import type { OperationDetail } from '@store-platform/client';

export type WaitReason = NonNullable<OperationDetail['waitsFor']>['reason'];

/**
 * Messages that say no more than their reason. Every other message names the problem that delays the operation, such as a pod
 * that no node can take.
 */
const PLAIN: Readonly<Record<WaitReason, boolean>> = {
  Worker: true,
  PreviousOperation: true,
  TenantSlot: true,
  // The failure of the store says the same.
  Operator: true,
  UndeleteWindow: true,
  Readiness: false,
  Absence: true,
};

const STARTING = 'The workloads of the store are starting';

/** Returns what a wait tells beyond its reason, or null. */
export function detailOfWait({ reason, message }: NonNullable<OperationDetail['waitsFor']>): string | null {
  return PLAIN[reason] || message === STARTING ? null : message;
}
