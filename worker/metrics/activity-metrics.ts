import { ApplicationFailure, type Context } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { Counter, type Registry } from 'prom-client';
import type { Activities } from '../../activities/index.ts';
import { ENGINES, type Engine } from '../../domain/engines/index.ts';
import { FAILURE_CODES, isFailureCode } from '../../domain/failure.ts';
import { METRICS_PREFIX } from '../../telemetry/metrics/registry.ts';

/** For each activity that is observed, what its result means. An activity that is repeated counts again. */
type Observers = {
  readonly [Name in keyof Activities]?: (
    result: Awaited<ReturnType<Activities[Name]>>,
    input: Parameters<Activities[Name]>[0],
  ) => void;
};

const UNLOCKED = ['removed-record', 'rolled-back'] as const;
const TRIGGERS = ['provision', 'hourly'] as const;
const OUTCOMES = ['passed', 'failed', 'skipped'] as const;

/**
 * Adds the metrics that follow from the results of activities. Returns the interceptor that observes them, so that no activity
 * knows about metrics.
 */
export function addActivityMetrics(registry: Registry): ActivityInterceptorsFactory {
  const registers = [registry];
  const failures = new Counter({
    name: `${METRICS_PREFIX}activity_failures_total`,
    help: 'Attempts of activities that failed, by failure code. INTERNAL: an error without a code. Temporal repeats most of them.',
    labelNames: ['code'],
    registers,
  });
  const locks = new Counter({
    name: `${METRICS_PREFIX}release_locks_repaired_total`,
    help: 'Locks that a killed Helm had left on a release, by the way in which they were removed.',
    labelNames: ['method'],
    registers,
  });
  const verifications = new Counter({
    name: `${METRICS_PREFIX}verifications_total`,
    help: 'Verifications of stores, by engine, trigger and outcome. An outcome of trigger hourly counts after the second attempt.',
    labelNames: ['engine', 'trigger', 'outcome'],
    registers,
  });
  const repairs = new Counter({
    name: `${METRICS_PREFIX}drift_repairs_total`,
    help: 'Repairs of stores that differed from their release. partial: some objects still differ.',
    labelNames: ['outcome'],
    registers,
  });
  const leftovers = new Counter({
    name: `${METRICS_PREFIX}leftovers_removed_total`,
    help: 'Stores whose leftovers in the cluster were removed.',
    registers,
  });
  const orphans = new Counter({
    name: `${METRICS_PREFIX}orphans_settled_total`,
    help: 'Due orphans, by outcome. held-back: more were due at once than ORPHAN_MAX_REMOVALS allows, so each waits for the approval of an operator, or removals are paused.',
    labelNames: ['outcome'],
    registers,
  });

  const verified = (engine: Engine, trigger: (typeof TRIGGERS)[number], outcome: (typeof OUTCOMES)[number]): void =>
    verifications.inc({ engine, trigger, outcome });
  const observers: Observers = {
    ensureRelease: ({ unlocked }) => {
      if (unlocked !== 'none') locks.inc({ method: unlocked });
    },
    verifyStore: ({ outcome }, { store }) => verified(store.engine, 'provision', outcome),
    recordVerification: ({ recorded }, { store, check }) => {
      if (recorded) verified(store.engine, 'hourly', check.outcome);
    },
    repairStore: ({ left }) => repairs.inc({ outcome: left.length === 0 ? 'complete' : 'partial' }),
    recordLeftoversRemoved: () => leftovers.inc(),
    settleOrphans: ({ removed, heldBack }) => {
      orphans.inc({ outcome: 'removed' }, removed);
      orphans.inc({ outcome: 'held-back' }, heldBack);
    },
  };
  for (const code of FAILURE_CODES) failures.inc({ code }, 0);
  for (const method of UNLOCKED) locks.inc({ method }, 0);
  for (const outcome of ['complete', 'partial']) repairs.inc({ outcome }, 0);
  for (const outcome of ['removed', 'held-back']) orphans.inc({ outcome }, 0);
  for (const engine of ENGINES) {
    for (const trigger of TRIGGERS) for (const outcome of OUTCOMES) verifications.inc({ engine, trigger, outcome }, 0);
  }

  function observeResult(activity: string, result: unknown, input: unknown): void {
    // The name of the activity decides the types of its result and its input.
    const observe = observers[activity as keyof Activities] as ((result: unknown, input: unknown) => void) | undefined;
    observe?.(result, input);
  }

  function observeError(activity: string, error: unknown, input: unknown): void {
    if (!(error instanceof ApplicationFailure) && isCancellation(error)) return;
    const type = error instanceof ApplicationFailure ? error.type : undefined;
    const code = isFailureCode(type) ? type : 'INTERNAL';
    failures.inc({ code });
    if (activity !== 'verifyStore' || code !== 'VERIFICATION_FAILED') return;
    // The input of this activity.
    const { store } = input as Parameters<Activities['verifyStore']>[0];
    verified(store.engine, 'provision', 'failed');
  }

  return ({ info: { activityType } }: Context) => ({
    inbound: {
      async execute(input, next) {
        try {
          const result = await next(input);
          observeResult(activityType, result, input.args[0]);
          return result;
        } catch (error) {
          observeError(activityType, error, input.args[0]);
          throw error;
        }
      },
    },
  });
}

function isCancellation(error: unknown): boolean {
  return error instanceof Error && error.name === 'CancelledFailure';
}
