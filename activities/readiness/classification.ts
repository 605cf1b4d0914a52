import type { FailureCode } from '../../domain/failure.ts';
import type { ReadinessGoal } from '../../domain/operations/inputs.ts';
import { findClaimProblem } from './claim-problems.ts';
import type { Clock, JobFact, Snapshot } from './facts.ts';
import { findContainerProblem, findSchedulingProblem } from './pod-problems.ts';
import type { Problem } from './problem.ts';
import { findRefusal } from './refusals.ts';

export type ReadinessResult =
  /** `unfinished`: objects that are still starting although the goal is reached. */
  | { readonly kind: 'ready'; readonly unfinished: readonly string[] }
  /** `delay`: a problem that can pass, or null. */
  | { readonly kind: 'waiting'; readonly waitingFor: readonly string[]; readonly delay: Problem | null }
  | ReadinessFailure;

export interface ReadinessFailure extends Omit<Problem, 'kind'> {
  readonly kind: 'failed';
}

/**
 * Classifies a release as ready, waiting or failed, from the facts and the clock alone. A failure counts for both
 * goals. A problem that can pass is a failure only at the deadline.
 *
 * @param goal `complete`: every object is ready; `checkout`: the objects that customers need for an order are ready.
 */
export function classifyReadiness(snapshot: Snapshot, clock: Clock, goal: ReadinessGoal = 'complete'): ReadinessResult {
  const unfinished = listUnfinished(snapshot);
  if (unfinished.length === 0) return { kind: 'ready', unfinished };
  const problems = findProblems(snapshot, clock);
  const final = problems.find(({ kind }) => kind === 'final');
  if (final !== undefined) return { ...final, kind: 'failed' };
  const waitingFor = goal === 'complete' ? unfinished : listUnfinished(requiredForCheckout(snapshot));
  if (waitingFor.length === 0) return { kind: 'ready', unfinished };
  const delay = problems[0] ?? null;
  if (clock.nowMs < clock.deadlineMs) return { kind: 'waiting', waitingFor, delay };
  const minutes = Math.round((clock.deadlineMs - clock.startedAtMs) / 6_000) / 10;
  if (delay !== null) {
    return { ...delay, kind: 'failed', message: `not ready after ${minutes} min: ${delay.message}` };
  }
  return {
    kind: 'failed',
    code: 'READY_DEADLINE_EXCEEDED',
    message: `not ready after ${minutes} min; still waiting for ${waitingFor.slice(0, 5).join(', ')}`,
    object: (waitingFor[0] ?? '').replace(/ .*/, ''),
  };
}

/** Returns the reason of a condition: the code in CamelCase. */
export function reasonOf(code: FailureCode): string {
  return code
    .toLowerCase()
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

function requiredForCheckout(snapshot: Snapshot): Snapshot {
  const workloads = snapshot.workloads.filter((workload) => workload.requiredForCheckout);
  return { ...snapshot, workloads, jobs: snapshot.jobs.filter((job) => job.requiredForCheckout) };
}

function listUnfinished({ workloads, jobs, claims }: Snapshot): string[] {
  return [
    ...workloads
      .filter(({ rolledOut }) => !rolledOut)
      .map(({ kind, name, progress }) => `${kind}/${name} (${progress})`),
    ...jobs.filter(({ state }) => state !== 'complete').map(({ name }) => `Job/${name}`),
    ...claims.filter(({ bound }) => !bound).map(({ name }) => `PersistentVolumeClaim/${name}`),
  ];
}

/** Returns all problems. Those that explain others come first: a pod waits for its volume, not the other way around. */
function findProblems(snapshot: Snapshot, clock: Clock): readonly Problem[] {
  const { jobs, claims, events } = snapshot;
  const pods = snapshot.pods.filter(({ terminating, finished }) => !terminating && !finished);
  return [
    ...jobs.map(findJobProblem),
    ...pods.map((pod) => findContainerProblem(pod, events, clock)),
    findRefusal(snapshot, clock),
    ...claims.map((claim) => findClaimProblem(claim, events, clock)),
    ...pods.map((pod) => findSchedulingProblem(pod, { claims, events }, clock)),
  ].filter((problem) => problem !== undefined);
}

function findJobProblem(job: JobFact): Problem | undefined {
  if (job.state !== 'failed') return undefined;
  return {
    kind: 'final',
    code: 'JOB_FAILED',
    message: `the Job ${job.name} failed: ${job.message}`,
    object: `Job/${job.name}`,
  };
}
