import type { StoreTarget } from '../../domain/operations/inputs.ts';

/** Concurrent verifications of a small platform: each keeps a shop busy for about two seconds, and shops share nodes. */
const MIN_CONCURRENCY = 4;
/** Half of the watch slots of one worker, so that provisions still get slots. It is enough for 90,000 stores an hour. */
const MAX_CONCURRENCY = 50;
/** Three times the usual duration: some stores are slow, and some are verified twice. */
const EXPECTED_MS_A_STORE = 6_000;
/** Time in which a pass should reach every store. The schedule starts a pass every hour. */
const TARGET_MS = 2_400_000;

/** Returns how many stores to verify at the same time, so that one pass reaches `total` stores within 40 minutes. */
export function concurrencyFor(total: number): number {
  const needed = Math.ceil((total * EXPECTED_MS_A_STORE) / TARGET_MS);
  return Math.min(Math.max(needed, MIN_CONCURRENCY), MAX_CONCURRENCY);
}

/** A store to verify. The second attempt follows a first one that failed. */
export interface QueuedStore {
  readonly store: StoreTarget;
  readonly attempt: 1 | 2;
}

export interface VerificationQueueDependencies {
  /** Reads the next page of stores, in the order of their ids. A page that is not full is the last one. */
  readonly loadPage: (after: string | null) => Promise<readonly StoreTarget[]>;
  readonly pageSize: number;
  /** The id of the last store that was verified before. Null: none. */
  readonly after: string | null;
  /** Stores that the queue hands out for a first attempt. */
  readonly maxStores: number;
  /** Stores that the queue hands out for a first attempt in one second. */
  readonly storesPerSecond: number;
  /** Milliseconds since the epoch, after which the queue hands out no more stores for a first attempt. */
  readonly endsAtMs: number;
  /** Delay before the second attempt. */
  readonly secondAttemptDelayMs: number;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
}

/**
 * Hands out stores to concurrent verifications. A store that waits for its second attempt takes no place: the caller gets
 * other stores first.
 */
export class VerificationQueue {
  readonly #deps: VerificationQueueDependencies;
  #page: StoreTarget[] = [];
  #isLastPage = false;
  #loading: Promise<void> | undefined;
  #loadError: unknown;
  #after: string | null;
  #taken = 0;
  /** Stores taken in the current second, and the end of that second. */
  #second = { taken: 0, endsAtMs: 0 };
  #pausing: Promise<unknown> | undefined;
  #isStopped = false;
  readonly #waiting: { readonly store: StoreTarget; readonly dueMs: number }[] = [];

  constructor(deps: VerificationQueueDependencies) {
    this.#deps = deps;
    this.#after = deps.after;
  }

  /** The id of the last store that was handed out. A queue that starts after it continues there. */
  get after(): string | null {
    return this.#after;
  }

  /** Returns whether every store was handed out. */
  get isComplete(): boolean {
    return this.#isLastPage && this.#page.length === 0;
  }

  /** Why the next page could not be read. Undefined: no error. */
  get loadError(): unknown {
    return this.#loadError;
  }

  /**
   * Returns the next store: one whose second attempt is due, else a new one, else one that still waits, after its delay.
   * Returns undefined when nothing is left to do.
   */
  async next(): Promise<QueuedStore | undefined> {
    const [oldest] = this.#waiting;
    if (oldest === undefined || oldest.dueMs > this.#deps.now()) {
      const store = await this.#nextNew();
      if (store !== undefined) return { store, attempt: 1 };
    }
    const waiting = this.#waiting.shift();
    if (waiting === undefined) return undefined;
    const delayMs = waiting.dueMs - this.#deps.now();
    if (delayMs > 0) await this.#deps.sleep(delayMs);
    return { store: waiting.store, attempt: 2 };
  }

  /** Hands out no more stores for a first attempt. Stores that wait for their second attempt are still handed out. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Queues the second attempt for a store. */
  repeat(store: StoreTarget): void {
    this.#waiting.push({ store, dueMs: this.#deps.now() + this.#deps.secondAttemptDelayMs });
  }

  async #nextNew(): Promise<StoreTarget | undefined> {
    while (this.#page.length === 0 && !this.#isLastPage && this.#mayTakeNew()) {
      this.#loading ??= this.#load();
      await this.#loading;
    }
    await this.#keepPace();
    if (!this.#mayTakeNew()) return undefined;
    const store = this.#page.shift();
    if (store === undefined) return undefined;
    this.#after = store.storeId;
    this.#taken += 1;
    this.#second.taken += 1;
    return store;
  }

  /** Waits until the current second has room for one more store. All callers share one timer, so a pass has few. */
  async #keepPace(): Promise<void> {
    while (this.#page.length > 0 && this.#mayTakeNew()) {
      const nowMs = this.#deps.now();
      if (nowMs >= this.#second.endsAtMs) this.#second = { taken: 0, endsAtMs: nowMs + 1_000 };
      if (this.#second.taken < this.#deps.storesPerSecond) return;
      this.#pausing ??= this.#deps.sleep(this.#second.endsAtMs - nowMs).finally(() => (this.#pausing = undefined));
      await this.#pausing;
    }
  }

  #mayTakeNew(): boolean {
    const { maxStores, endsAtMs, now } = this.#deps;
    return !this.#isStopped && this.#loadError === undefined && this.#taken < maxStores && now() < endsAtMs;
  }

  async #load(): Promise<void> {
    try {
      const stores = await this.#deps.loadPage(this.#after);
      this.#page = [...stores];
      this.#isLastPage = stores.length < this.#deps.pageSize;
    } catch (error) {
      this.#loadError = error;
    } finally {
      this.#loading = undefined;
    }
  }
}
