import { ApiError, type TenantEvent } from '@store-platform/client';
import type { LiveEvent, LiveHub } from './live-hub.ts';

/** How the events of a tenant are read. Replaced in tests. */
export interface EventSource {
  /** Iterates over the events after a number, and opens broken streams again. */
  readonly follow: (options: {
    readonly after: number;
    readonly signal: AbortSignal;
    readonly onConnection: (isOpen: boolean) => void;
  }) => AsyncIterable<TenantEvent>;
  /** Returns the number of the newest event of the tenant. */
  readonly latest: () => Promise<number>;
}

export interface LiveOptions {
  readonly hub: LiveHub;
  /** The same in all tabs that share a stream: it names the user and the tenant. */
  readonly name: string;
  readonly source: EventSource;
  /** Number of the last event that this browser has shown. Null: none yet. */
  readonly readSeen: () => number | null;
  readonly writeSeen: (seq: number) => void;
  /** Some events may be lost: everything must be read again. */
  readonly onGap: () => void;
  /** The session has ended. */
  readonly onUnauthenticated: () => void;
}

type Message =
  | { readonly kind: 'hello' }
  | { readonly kind: 'state'; readonly isOpen: boolean; readonly seen: number }
  | { readonly kind: 'event'; readonly live: LiveEvent };

/** Missed events that are read at most. */
const MAX_MISSED = 500;
const RETRY_MS = 5_000;
const UNAUTHENTICATED = 401;

/**
 * Follows the events of a tenant with one stream for all tabs of the browser, because a browser opens at most six connections
 * to a host over HTTP/1.1. The tab that holds the lock reads the stream and shares its events over a channel. When that tab
 * closes, another one gets the lock and continues after the last event that it saw.
 *
 * @returns the function that ends it.
 */
export function startLive(options: LiveOptions): () => void {
  const { hub, name, source } = options;
  const stopped = new AbortController();
  const { signal } = stopped;
  const channel = new BroadcastChannel(name);
  let isLeader = false;
  let isOpen = false;
  let seen: number | undefined;

  function post(message: Message): void {
    if (!signal.aborted) channel.postMessage(message);
  }

  function setOpen(open: boolean): void {
    isOpen = open;
    if (!signal.aborted) hub.setOpen(open);
    postState();
  }

  function postState(): void {
    if (seen !== undefined) post({ kind: 'state', isOpen, seen });
  }

  /** Hands an event to the page once. */
  function receive(live: LiveEvent): void {
    const { tenantSeq } = live.event;
    if (seen !== undefined && tenantSeq <= seen) return;
    if (seen !== undefined && tenantSeq > seen + 1) options.onGap();
    seen = tenantSeq;
    hub.emit(live);
  }

  function receiveMessage({ data }: MessageEvent<Message>): void {
    if (data.kind === 'event') receive(data.live);
    else if (data.kind === 'hello') {
      if (isLeader) postState();
    } else if (!isLeader) {
      if (seen !== undefined && data.seen > seen) options.onGap();
      seen = Math.max(seen ?? 0, data.seen);
      hub.setOpen(data.isOpen);
    }
  }

  async function lead(): Promise<void> {
    isLeader = true;
    const newest = await source.latest();
    if (seen === undefined) {
      const stored = options.readSeen();
      seen = Math.max(stored ?? newest, newest - MAX_MISSED);
      // Without a stored number, the page may have read its data before events that are not followed. Until now, the API may
      // have been away for a long time.
      if (stored === null) options.onGap();
    }
    // A number above the newest one is from a database that was replaced.
    seen = Math.min(seen, newest);
    // A browser that has shown no event yet also continues here, so it misses nothing while the page is closed.
    options.writeSeen(seen);
    for await (const event of source.follow({ after: seen, signal, onConnection: setOpen })) {
      const live = { event, isMissed: event.tenantSeq <= newest };
      post({ kind: 'event', live });
      receive(live);
      options.writeSeen(event.tenantSeq);
    }
  }

  async function leadUntilStopped(): Promise<void> {
    while (!signal.aborted) {
      try {
        await lead();
      } catch (error) {
        setOpen(false);
        if (error instanceof ApiError && error.status === UNAUTHENTICATED) {
          options.onUnauthenticated();
          return;
        }
      }
      await pause(RETRY_MS, signal);
    }
  }

  channel.addEventListener('message', receiveMessage);
  // A page that the browser has frozen has missed the messages of the channel.
  window.addEventListener('pageshow', ({ persisted }) => persisted && options.onGap(), { signal });
  document.addEventListener('resume', () => options.onGap(), { signal });
  post({ kind: 'hello' });
  void whenLeader(name, signal, leadUntilStopped);

  return () => {
    stopped.abort();
    channel.close();
    hub.setOpen(undefined);
  };
}

/** Runs `work` while this tab is the only one with the lock. Without locks (plain http), each tab works for itself. */
async function whenLeader(name: string, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  // Browsers have no locks outside secure contexts.
  const locks = navigator.locks as LockManager | undefined;
  if (locks === undefined) return await work();
  try {
    await locks.request(name, { signal }, work);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Waits, and ends early when the signal is aborted. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
