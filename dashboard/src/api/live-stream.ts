import { ApiError, type TenantEvent } from '@store-platform/client';

/** `connecting`: the first connection is not open yet. `reconnecting`: the API does not respond. `offline`: no network. */
export type LiveState = 'connecting' | 'connected' | 'reconnecting' | 'offline';

/** An event of the tenant. `isMissed`: it happened before the page was open. */
export interface LiveEvent {
  readonly event: TenantEvent;
  readonly isMissed: boolean;
}

export type LiveHandler = (live: LiveEvent) => void;

/** How the events of a tenant are read. Replaced in tests. */
export interface EventSource {
  /** Iterates over the events after a number, and opens broken streams again. */
  follow(options: {
    readonly after: number;
    readonly signal: AbortSignal;
    readonly onConnection: (isOpen: boolean) => void;
  }): AsyncIterable<TenantEvent>;
  /** Returns the number of the newest event of the tenant. */
  latest(): Promise<number>;
}

export interface LiveOptions {
  /** The same in all tabs that share a stream: it names the user and the tenant. */
  readonly name: string;
  readonly source: EventSource;
  /** Number of the last event that this browser has shown. Null: none yet. */
  readonly readSeen: () => number | null;
  readonly writeSeen: (seq: number) => void;
  /** Some events may be lost: everything must be read again. */
  readonly onGap: () => void;
  /** Is called when the API rejects the stream, such as after the session has ended. */
  readonly onRejected: (error: ApiError) => void;
}

export interface Live {
  readonly state: () => LiveState;
  /** Calls `listener` after each change of the state. Returns the function that ends it. */
  subscribe(listener: () => void): () => void;
  /** Calls `handler` for each event. Returns the function that ends it. */
  onEvent(handler: LiveHandler): () => void;
  stop(): void;
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
 */
export function startLive(options: LiveOptions): Live {
  const listeners = new Set<() => void>();
  const handlers = new Set<LiveHandler>();
  const stopped = new AbortController();
  const channel = new BroadcastChannel(options.name);
  let isOpen: boolean | undefined;
  let isLeader = false;
  let seen: number | undefined;

  function setOpen(open: boolean): void {
    if (open === isOpen) return;
    isOpen = open;
    notify();
  }

  function notify(): void {
    for (const listener of listeners) listener();
  }

  function post(message: Message): void {
    channel.postMessage(message);
  }

  function postState(): void {
    if (isOpen !== undefined && seen !== undefined) post({ kind: 'state', isOpen, seen });
  }

  /** Hands an event to the page once. */
  function receive(live: LiveEvent): void {
    const { tenantSeq } = live.event;
    if (seen !== undefined && tenantSeq <= seen) return;
    if (seen !== undefined && tenantSeq > seen + 1) options.onGap();
    seen = tenantSeq;
    for (const handler of handlers) handler(live);
  }

  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.kind === 'hello') {
      if (isLeader) postState();
    } else if (data.kind === 'event') {
      receive(data.live);
    } else if (!isLeader) {
      if (seen !== undefined && data.seen > seen) options.onGap();
      seen = Math.max(seen ?? 0, data.seen);
      setOpen(data.isOpen);
    }
  };

  async function lead(): Promise<void> {
    isLeader = true;
    const newest = await options.source.latest();
    seen ??= Math.max(options.readSeen() ?? newest, newest - MAX_MISSED);
    // A number above the newest one is from a database that was replaced.
    seen = Math.min(seen, newest);
    const { follow } = options.source;
    const onConnection = (open: boolean): void => {
      setOpen(open);
      postState();
    };
    for await (const event of follow({ after: seen, signal: stopped.signal, onConnection })) {
      const live = { event, isMissed: event.tenantSeq <= newest };
      post({ kind: 'event', live });
      receive(live);
      options.writeSeen(event.tenantSeq);
    }
  }

  async function leadUntilStopped(): Promise<void> {
    while (!stopped.signal.aborted) {
      try {
        await lead();
      } catch (error) {
        if (stopped.signal.aborted) return;
        setOpen(false);
        postState();
        if (error instanceof ApiError && error.status === UNAUTHENTICATED) {
          options.onRejected(error);
          return;
        }
      }
      await pause(RETRY_MS, stopped.signal);
    }
  }

  window.addEventListener('online', notify, { signal: stopped.signal });
  window.addEventListener('offline', notify, { signal: stopped.signal });
  // A page that the browser has frozen has missed the messages of the channel.
  window.addEventListener('pageshow', (event) => event.persisted && options.onGap(), { signal: stopped.signal });
  document.addEventListener('resume', options.onGap, { signal: stopped.signal });
  post({ kind: 'hello' });
  void whenLeader(options.name, stopped.signal, leadUntilStopped);

  return {
    state: () => {
      if (!navigator.onLine) return 'offline';
      return isOpen === undefined ? 'connecting' : isOpen ? 'connected' : 'reconnecting';
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onEvent: (handler) => {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    stop: () => {
      stopped.abort();
      channel.close();
    },
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
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
