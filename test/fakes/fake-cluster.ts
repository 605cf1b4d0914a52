import { beating, pause } from '../../activities/attempt.ts';
import type { ClusterActivities } from '../../activities/cluster-activities.ts';
import { StoreError, type FailureCode } from '../../domain/failure.ts';
import type { ActivityInput } from '../../domain/operations.ts';

type ActivityName = keyof ClusterActivities;

interface PlannedFailure {
  readonly moment: 'before' | 'after';
  readonly code: FailureCode;
  /** How many calls fail before the activity works again. */
  times: number;
}

interface FakeNamespace {
  readonly storeId: string;
  secrets: boolean;
  release: { revision: number } | null;
}

const POLL_MS = 20;

/**
 * The cluster activities over a map instead of a cluster. `failNext` makes an activity fail before or after its effect,
 * `hold` makes it wait until it is released or cancelled; `leftovers` is what a clean end must find empty.
 */
export class FakeCluster implements ClusterActivities {
  readonly #namespaces = new Map<string, FakeNamespace>();
  readonly #failures = new Map<ActivityName, PlannedFailure>();
  readonly #held = new Set<ActivityName>();
  readonly #waiting = new Set<ActivityName>();

  failNext(
    activity: ActivityName,
    plan: { readonly moment: 'before' | 'after'; readonly code?: FailureCode; readonly times?: number },
  ): this {
    // CHART_INVALID is never retried: the step fails at once.
    this.#failures.set(activity, { moment: plan.moment, code: plan.code ?? 'CHART_INVALID', times: plan.times ?? 1 });
    return this;
  }

  hold(activity: ActivityName): this {
    this.#held.add(activity);
    return this;
  }

  release(activity: ActivityName): void {
    this.#held.delete(activity);
  }

  isWaitingIn(activity: ActivityName): boolean {
    return this.#waiting.has(activity);
  }

  leftovers(): readonly string[] {
    return [...this.#namespaces].flatMap(([name, { secrets, release }]) => [
      `Namespace/${name}`,
      ...(secrets ? [`Secret/${name}`] : []),
      ...(release === null ? [] : [`Release/${name}`]),
    ]);
  }

  readonly ensureNamespace: ClusterActivities['ensureNamespace'] = async ({ store }) =>
    this.#act('ensureNamespace', () => {
      const known = this.#namespaces.get(store.namespace);
      if (known !== undefined && known.storeId !== store.storeId) {
        throw new StoreError('NAMESPACE_FOREIGN', `namespace ${store.namespace} is not ours`);
      }
      if (known === undefined) {
        this.#namespaces.set(store.namespace, { storeId: store.storeId, secrets: false, release: null });
      }
      return { uid: store.namespace, nodes: 'simulated' as const };
    });

  readonly ensureSecrets: ClusterActivities['ensureSecrets'] = async (input) =>
    this.#act('ensureSecrets', () => {
      const namespace = this.#namespaceOf(input);
      const created = !namespace.secrets;
      namespace.secrets = true;
      return { secretName: 'store-secrets', created };
    });

  readonly ensureRelease: ClusterActivities['ensureRelease'] = async (input) =>
    this.#act('ensureRelease', () => {
      const namespace = this.#namespaceOf(input);
      const action = namespace.release === null ? ('installed' as const) : ('unchanged' as const);
      namespace.release ??= { revision: 1 };
      return { revision: namespace.release.revision, chartVersion: '0.1.0', action, unlocked: 'none' as const };
    });

  readonly awaitReady: ClusterActivities['awaitReady'] = async () =>
    this.#act('awaitReady', () => ({ pods: 1, volumes: 1, jobs: 1 }));

  readonly verifyStore: ClusterActivities['verifyStore'] = async () =>
    this.#act('verifyStore', () => ({
      outcome: 'skipped' as const,
      reason: 'a fake cluster runs no pods',
      at: new Date(0).toISOString(),
    }));

  readonly deleteRelease: ClusterActivities['deleteRelease'] = async ({ store }) =>
    this.#act('deleteRelease', () => {
      const namespace = this.#namespaces.get(store.namespace);
      const removed = namespace !== undefined && namespace.release !== null;
      if (namespace !== undefined) namespace.release = null;
      return { removed };
    });

  readonly deleteNamespace: ClusterActivities['deleteNamespace'] = async ({ store }) =>
    this.#act('deleteNamespace', () => ({ removed: this.#namespaces.delete(store.namespace) }));

  readonly awaitAbsence: ClusterActivities['awaitAbsence'] = async ({ store }) =>
    this.#act('awaitAbsence', () => {
      if (this.#namespaces.has(store.namespace)) {
        throw new StoreError('ABSENCE_UNPROVEN', `namespace ${store.namespace} is still there`);
      }
      return { checked: ['Namespace'], removed: [] };
    });

  async #act<T>(activity: ActivityName, effect: () => T): Promise<T> {
    this.#failIfPlanned(activity, 'before');
    const result = effect();
    this.#failIfPlanned(activity, 'after');
    if (this.#held.has(activity)) await this.#wait(activity);
    return result;
  }

  async #wait(activity: ActivityName): Promise<void> {
    this.#waiting.add(activity);
    try {
      await beating(async () => {
        while (this.#held.has(activity)) await pause(POLL_MS);
      });
    } finally {
      this.#waiting.delete(activity);
    }
  }

  #failIfPlanned(activity: ActivityName, moment: 'before' | 'after'): void {
    const plan = this.#failures.get(activity);
    if (plan === undefined || plan.moment !== moment) return;
    plan.times -= 1;
    if (plan.times === 0) this.#failures.delete(activity);
    throw new StoreError(plan.code, `${activity} fails ${moment} its effect`);
  }

  #namespaceOf({ store }: ActivityInput): FakeNamespace {
    const namespace = this.#namespaces.get(store.namespace);
    if (namespace === undefined) throw new StoreError('CLUSTER_REFUSED', `there is no namespace ${store.namespace}`);
    return namespace;
  }
}
