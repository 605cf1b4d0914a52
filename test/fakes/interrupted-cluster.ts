import { setTimeout as delay } from 'node:timers/promises';
import { withHeartbeat, pause } from '../../activities/runtime/activity-context.ts';
import { StoreError, type FailureCode } from '../../domain/failure.ts';
import type { ClusterActivities } from '../../domain/ports/cluster.ts';
import type { ActivityInput, ReadinessGoal } from '../../domain/operations/inputs.ts';

export type ClusterActivity = keyof ClusterActivities;
export type Moment = 'before' | 'after';

interface PlannedFailure {
  readonly activity: ClusterActivity;
  readonly moment: Moment;
  readonly code: FailureCode;
  /** Number of calls that fail before the activity succeeds again. */
  times: number;
  readonly goal: ReadinessGoal | undefined;
  readonly storeName: string | undefined;
}

const POLL_MS = 20;

/**
 * Cluster activities, real or fake, that a test can interrupt. `failNext` makes an activity fail before or after its effect.
 * `hold` makes an activity wait after its effect until the test releases it or the run cancels it. An activity that is held and
 * planned to fail after its effect fails when the test releases it.
 */
export class InterruptedCluster implements ClusterActivities {
  readonly #inner: ClusterActivities;
  #failures: readonly PlannedFailure[] = [];
  /** The goal whose calls are held. Undefined means every call. */
  readonly #held = new Map<ClusterActivity, ReadinessGoal | undefined>();
  readonly #delays = new Map<ClusterActivity, number>();
  readonly #waiting = new Set<ClusterActivity>();

  constructor(inner: ClusterActivities) {
    this.#inner = inner;
  }

  /** Makes the next call of an activity fail. A second plan for the same activity and store replaces the first one. */
  failNext(
    activity: ClusterActivity,
    plan: {
      readonly moment: Moment;
      readonly code?: FailureCode;
      readonly times?: number;
      /** Fail only calls with this goal. */
      readonly goal?: ReadinessGoal;
      /** Fail only calls for the store with this name. */
      readonly storeName?: string;
    },
  ): this {
    // CHART_INVALID is not retryable, so the step fails at once.
    const { moment, code = 'CHART_INVALID', times = 1, goal, storeName } = plan;
    const others = this.#failures.filter((other) => other.activity !== activity || other.storeName !== storeName);
    this.#failures = [...others, { activity, moment, code, times, goal, storeName }];
    return this;
  }

  hold(activity: ClusterActivity, { goal }: { readonly goal?: ReadinessGoal } = {}): this {
    this.#held.set(activity, goal);
    return this;
  }

  release(activity: ClusterActivity): void {
    this.#held.delete(activity);
  }

  /** Delays the effect of the next call. Like a request in flight, the effect cannot be cancelled. */
  delayNext(activity: ClusterActivity, ms: number): this {
    this.#delays.set(activity, ms);
    return this;
  }

  isWaitingIn(activity: ClusterActivity): boolean {
    return this.#waiting.has(activity);
  }

  readonly ensureNamespace = this.#interruptible('ensureNamespace');
  readonly ensureSecrets = this.#interruptible('ensureSecrets');
  readonly ensureRelease = this.#interruptible('ensureRelease');
  readonly awaitReady = this.#interruptible('awaitReady');
  readonly markReady = this.#interruptible('markReady');
  readonly verifyStore = this.#interruptible('verifyStore');
  readonly verifyCheckout: ClusterActivities['verifyCheckout'] = (input) => this.#inner.verifyCheckout(input);
  readonly deleteRelease = this.#interruptible('deleteRelease');
  readonly deleteNamespace = this.#interruptible('deleteNamespace');
  readonly awaitAbsence = this.#interruptible('awaitAbsence');
  readonly keepVolumes = this.#interruptible('keepVolumes');

  #interruptible<A extends ClusterActivity>(activity: A): ClusterActivities[A] {
    const interrupted = async (input: ActivityInput) => {
      this.#failIfPlanned(activity, 'before', input);
      const ms = this.#delays.get(activity);
      this.#delays.delete(activity);
      if (ms !== undefined) await this.#waitIn(activity, () => delay(ms));
      // The activity and its input belong together: both come from the same caller.
      const result = await (this.#inner[activity] as (input: ActivityInput) => Promise<unknown>)(input);
      if (this.#held.has(activity) && isFor(this.#held.get(activity), input)) {
        await this.#waitIn(activity, () => this.#waitUntilReleased(activity));
      }
      this.#failIfPlanned(activity, 'after', input);
      return result;
    };
    return interrupted as ClusterActivities[A];
  }

  async #waitIn(activity: ClusterActivity, wait: () => Promise<void>): Promise<void> {
    this.#waiting.add(activity);
    try {
      await withHeartbeat(wait);
    } finally {
      this.#waiting.delete(activity);
    }
  }

  async #waitUntilReleased(activity: ClusterActivity): Promise<void> {
    while (this.#held.has(activity)) await pause(POLL_MS);
  }

  #failIfPlanned(activity: ClusterActivity, moment: Moment, input: ActivityInput): void {
    const plan = this.#failures.find(
      ({ storeName, goal, ...planned }) =>
        planned.activity === activity &&
        planned.moment === moment &&
        isFor(goal, input) &&
        (storeName ?? input.store.name) === input.store.name,
    );
    if (plan === undefined) return;
    plan.times -= 1;
    if (plan.times === 0) this.#failures = this.#failures.filter((other) => other !== plan);
    throw new StoreError(plan.code, `${activity} fails ${moment} its effect`);
  }
}

function isFor(wanted: ReadinessGoal | undefined, input: ActivityInput & { readonly goal?: ReadinessGoal }): boolean {
  return wanted === undefined || (input.goal ?? 'complete') === wanted;
}
