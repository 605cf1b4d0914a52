import type { TenantEvent } from '@store-platform/client';

/** `connecting`: the first connection is not open yet. `reconnecting`: the API does not respond. `offline`: no network. */
export type LiveState = 'connecting' | 'connected' | 'reconnecting' | 'offline';

/** An event of the tenant. `isMissed`: it happened before the page was open. */
export interface LiveEvent {
  readonly event: TenantEvent;
  readonly isMissed: boolean;
}

export type LiveHandler = (live: LiveEvent) => void;

/** Hands events and the state of the stream to the page. It exists before the stream, so that no handler misses an event. */
export interface LiveHub {
  readonly state: () => LiveState;
  /** Calls `listener` after each change of the state. Returns the function that ends it. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Calls `handler` for each event. Returns the function that ends it. */
  readonly onEvent: (handler: LiveHandler) => () => void;
  readonly emit: (live: LiveEvent) => void;
  /** Sets whether the stream is open. Undefined: it was not opened yet. */
  readonly setOpen: (isOpen: boolean | undefined) => void;
}

/** Creates a hub. */
export function createLiveHub(): LiveHub {
  const listeners = new Set<() => void>();
  const handlers = new Set<LiveHandler>();
  let isOpen: boolean | undefined;
  const notify = (): void => {
    for (const listener of listeners) listener();
  };
  return {
    state: () => {
      if (!navigator.onLine) return 'offline';
      return isOpen === undefined ? 'connecting' : isOpen ? 'connected' : 'reconnecting';
    },
    subscribe: (listener) => {
      listeners.add(listener);
      window.addEventListener('online', listener);
      window.addEventListener('offline', listener);
      return () => {
        listeners.delete(listener);
        window.removeEventListener('online', listener);
        window.removeEventListener('offline', listener);
      };
    },
    onEvent: (handler) => {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    emit: (live) => {
      for (const handler of handlers) handler(live);
    },
    setOpen: (open) => {
      if (open === isOpen) return;
      isOpen = open;
      notify();
    },
  };
}
