import type { Context } from 'hono';
import type { AppEnv } from '../app-env.ts';
import type { EventHub, Topic } from '../events/hub.ts';
import { callerOf, type StreamSlots } from '../events/stream-slots.ts';

/** The value that a request waits for. */
export interface PollTarget<Value> {
  readonly topic: Topic;
  /** Identifies the reads of the topic that return the same. */
  readonly name: string;
  readonly read: () => Promise<Value>;
  /** Whether the wait is over. */
  readonly isDone: (value: Value) => boolean;
}

export interface LongPolls {
  /**
   * Reads until the value is the awaited one, the time is over, the client is gone or the process shuts down. Returns the
   * value that was read last.
   *
   * @throws Problem TOO_MANY_STREAMS, or of a read
   */
  wait<Value>(c: Context<AppEnv>, target: PollTarget<Value>, seconds: number): Promise<Value>;
}

/** Creates the long polls of a process. They use the slots and the wake-ups of the streams. */
export function createLongPolls({ hub, slots }: { readonly hub: EventHub; readonly slots: StreamSlots }): LongPolls {
  async function wait<Value>(c: Context<AppEnv>, target: PollTarget<Value>, seconds: number): Promise<Value> {
    const release = slots.take(callerOf(c.var.caller));
    const subscription = hub.subscribe(target.topic);
    const timer = setTimeout(subscription.close, seconds * 1_000);
    const { signal } = c.req.raw;
    signal.addEventListener('abort', subscription.close, { once: true });
    try {
      subscription.setActive(true);
      for (;;) {
        const generation = subscription.generation();
        const value = await subscription.read(target.name, target.read);
        if (target.isDone(value) || subscription.isClosed()) return value;
        await subscription.changedSince(generation);
      }
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', subscription.close);
      subscription.close();
      release();
    }
  }

  return { wait };
}
