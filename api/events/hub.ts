import type { StoreChange } from '../../db/index.ts';

/** Milliseconds between two reads without a change. They find the changes whose announcement was lost. */
export interface ReadIntervals {
  readonly idleMs: number;
  /** While an operation runs, or while no announcement arrives. */
  readonly activeMs: number;
}

const INTERVALS: ReadIntervals = { idleMs: 15_000, activeMs: 2_000 };
/** Timers of topics that were opened together must not end together. */
const JITTER = 0.1;

/** The changes that a reader waits for: those of one store, or of all stores of a tenant. */
export interface Topic {
  readonly tenantId: string;
  /** Missing: all stores. */
  readonly storeId?: string;
}

/** The place of one reader at a topic. */
export interface Subscription {
  /** Grows with every change of the topic. Take it before a read, so that no change is lost between read and wait. */
  generation(): number;
  /**
   * Calls `load`, or joins a read of another reader with the same key that began in the same generation. A read that
   * began earlier may not see the change that ended its generation.
   */
  read<T>(key: string, load: () => Promise<T>): Promise<T>;
  /** Resolves when the topic has changed since `generation`, when it is time to read again, or when this is closed. */
  changedSince(generation: number): Promise<void>;
  /** Resolves after `ms`, or when this is closed. */
  pause(ms: number): Promise<void>;
  /** Sets whether an operation runs, so that the topic is read more often. */
  setActive(isActive: boolean): void;
  /** Ends the waits of this reader. */
  readonly close: () => void;
  isClosed(): boolean;
}

export interface EventHub {
  subscribe(topic: Topic): Subscription;
  /** Wakes the readers of a store and of its tenant. */
  readonly changed: (change: StoreChange) => void;
  /** Wakes all readers, because changes may have been missed. */
  readonly wakeAll: () => void;
  /** Closes all subscriptions, and each later one at once. */
  shutDown(): void;
  isShuttingDown(): boolean;
  /** Number of topics with readers. */
  size(): number;
}

interface OpenTopic {
  generation: number;
  isActive: boolean;
  timer: NodeJS.Timeout | undefined;
  readonly waiters: Set<() => void>;
  readonly reads: Map<string, Promise<unknown>>;
  readonly subscriptions: Set<Subscription>;
}

/** Creates the hub of a process: it wakes readers and lets them share their reads. */
export function createEventHub({
  isListening = () => true,
  intervals = INTERVALS,
}: {
  /** Whether announcements arrive. */
  readonly isListening?: () => boolean;
  readonly intervals?: ReadIntervals;
} = {}): EventHub {
  const topics = new Map<string, OpenTopic>();
  let isShuttingDown = false;

  function bump(topic: OpenTopic): void {
    topic.generation += 1;
    for (const resolve of topic.waiters) resolve();
    topic.waiters.clear();
    arm(topic);
  }

  /** Sets the time of the next read without a change. */
  function arm(topic: OpenTopic): void {
    clearTimeout(topic.timer);
    const ms = topic.isActive || !isListening() ? intervals.activeMs : intervals.idleMs;
    topic.timer = setTimeout(() => bump(topic), ms * (1 - JITTER + 2 * JITTER * Math.random()));
    topic.timer.unref();
  }

  function openTopic(key: string): OpenTopic {
    const known = topics.get(key);
    if (known !== undefined) return known;
    const topic: OpenTopic = {
      generation: 0,
      isActive: false,
      timer: undefined,
      waiters: new Set(),
      reads: new Map(),
      subscriptions: new Set(),
    };
    topics.set(key, topic);
    arm(topic);
    return topic;
  }

  function leave(key: string, topic: OpenTopic, subscription: Subscription): void {
    topic.subscriptions.delete(subscription);
    if (topic.subscriptions.size > 0) return;
    clearTimeout(topic.timer);
    topics.delete(key);
  }

  function subscribe(of: Topic): Subscription {
    const key = keyOf(of);
    const topic = openTopic(key);
    const subscription = subscriptionOf(topic, {
      onActive: () => arm(topic),
      onClose: () => leave(key, topic, subscription),
    });
    topic.subscriptions.add(subscription);
    if (isShuttingDown) subscription.close();
    return subscription;
  }

  function wake(key: string): void {
    const topic = topics.get(key);
    if (topic !== undefined) bump(topic);
  }

  return {
    subscribe,
    changed: ({ tenantId, storeId }) => {
      wake(keyOf({ tenantId, storeId }));
      wake(keyOf({ tenantId }));
    },
    wakeAll: () => {
      for (const topic of topics.values()) bump(topic);
    },
    shutDown: () => {
      isShuttingDown = true;
      for (const topic of topics.values()) for (const subscription of topic.subscriptions) subscription.close();
    },
    isShuttingDown: () => isShuttingDown,
    size: () => topics.size,
  };
}

/** The id of a store has no space, so no two topics share a key. */
function keyOf({ tenantId, storeId = '' }: Topic): string {
  return `${storeId} ${tenantId}`;
}

function subscriptionOf(
  topic: OpenTopic,
  { onActive, onClose }: { readonly onActive: () => void; readonly onClose: () => void },
): Subscription {
  let isClosed = false;
  const endings = new Set<() => void>();

  /** Returns a promise that the given function can resolve, or the end of the subscription. */
  async function until(register: (resolve: () => void) => () => void): Promise<void> {
    if (isClosed) return;
    await new Promise<void>((resolve) => {
      const unregister = register(end);
      function end(): void {
        unregister();
        endings.delete(end);
        resolve();
      }
      endings.add(end);
    });
  }

  async function read<T>(key: string, load: () => Promise<T>): Promise<T> {
    const shared = `${topic.generation} ${key}`;
    const running = topic.reads.get(shared) as Promise<T> | undefined; // equal keys have loads of equal types
    if (running !== undefined) return running;
    const begun = load().finally(() => topic.reads.delete(shared));
    topic.reads.set(shared, begun);
    return begun;
  }

  return {
    generation: () => topic.generation,
    read,
    changedSince: async (generation) => {
      if (topic.generation !== generation) return;
      await until((resolve) => {
        topic.waiters.add(resolve);
        return () => topic.waiters.delete(resolve);
      });
    },
    pause: (ms) =>
      until((resolve) => {
        const timer = setTimeout(resolve, ms);
        timer.unref();
        return () => clearTimeout(timer);
      }),
    setActive: (isActive) => {
      if (topic.isActive === isActive) return;
      topic.isActive = isActive;
      onActive();
    },
    close: () => {
      if (isClosed) return;
      isClosed = true;
      for (const end of endings) end();
      onClose();
    },
    isClosed: () => isClosed,
  };
}
