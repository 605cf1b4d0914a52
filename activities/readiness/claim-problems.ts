import type { ClaimFact, Clock, EventFact } from './facts.ts';
import type { Problem } from './problem.ts';

const CLAIM_WARNING_MS = 15_000; // cloud disks take up to half a minute
const CLAIM_EVENT_WARNING_MS = 3_000; // provisioners retry within seconds

/** With the binding mode WaitForFirstConsumer, the claim waits for the scheduler, not for the provisioner. */
const WAITS_FOR_POD = new Set(['WaitForFirstConsumer', 'WaitForPodScheduled']);
const PROBLEMS = new Set(['ProvisioningFailed', 'FailedBinding']);

/** Finds out why a claim is not bound. A provisioner, or an operator who adds a StorageClass, can still solve it. */
export function findClaimProblem(claim: ClaimFact, events: readonly EventFact[], clock: Clock): Problem | undefined {
  if (claim.bound) return undefined;
  const about = events
    .filter(({ uid }) => uid === claim.uid)
    .toSorted((a, b) => b.lastSeenMs - a.lastSeenMs || Number(PROBLEMS.has(b.reason)) - Number(PROBLEMS.has(a.reason)));
  const pending = (problem: string): Problem => ({
    kind: 'passing',
    code: 'VOLUME_PENDING',
    message: `the volume of ${claim.name} ${problem}`,
    object: `PersistentVolumeClaim/${claim.name}`,
  });
  const failed = about.find(({ reason }) => PROBLEMS.has(reason));
  if (failed !== undefined && clock.nowMs - failed.firstSeenMs >= CLAIM_EVENT_WARNING_MS) {
    const hasNoClass = /no storage class is set/i.test(failed.message);
    return pending(
      hasNoClass
        ? `has no StorageClass: the claim names none, and the cluster has no default one (${failed.message})`
        : `was not provisioned: ${failed.message}`,
    );
  }
  const ageMs = clock.nowMs - Math.max(claim.createdAtMs, clock.startedAtMs);
  const newest = about[0];
  if (ageMs < CLAIM_WARNING_MS || (newest !== undefined && WAITS_FOR_POD.has(newest.reason))) return undefined;
  return pending(newest === undefined ? 'is still pending' : `is still pending: ${newest.message}`);
}
