import { followTenant } from '@store-platform/client';
import { createContext, use, useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import { readStored, writeStored } from '../browser/storage.ts';
import { api, dataOf } from './client.ts';
import { cacheUpdater } from './live-cache.ts';
import { createLiveHub, type LiveHandler, type LiveHub, type LiveState } from './live-hub.ts';
import { startLive, type EventSource } from './live-stream.ts';
import { goToLogin } from './login.ts';
import { keys, queryClient } from './query.ts';
import { useSession } from './session.tsx';

const LiveContext = createContext<LiveHub | undefined>(undefined);

const SOURCE: EventSource = {
  follow: ({ after, signal, onConnection }) =>
    followTenant(api, { after, signal, onConnection, maxOutageMs: Number.POSITIVE_INFINITY }),
  latest: async () => {
    const page = dataOf(await api.GET('/api/events', { params: { query: { limit: 1 } } }));
    if (typeof page === 'string') throw new Error('The API sent a stream instead of a page of events.');
    return page.pagination.lastSeq;
  },
};

/** Follows the events of the chosen tenant while the page is open, and applies them to the cached data. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const { user, tenantId } = useSession();
  const userId = user?.userId ?? 'anonymous';
  const [hub] = useState(createLiveHub);
  useEffect(() => {
    if (tenantId === null) return undefined;
    const seenKey = `events-seen/${userId}/${tenantId}`;
    const endUpdates = hub.onEvent(cacheUpdater(queryClient));
    const stop = startLive({
      hub,
      name: `store-platform/events/${userId}/${tenantId}`,
      source: SOURCE,
      readSeen: () => {
        const stored = readStored(seenKey);
        return stored === null ? null : Number(stored);
      },
      writeSeen: (seq) => writeStored(seenKey, String(seq)),
      onGap: () => void queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== keys.me[0] }),
      onUnauthenticated: goToLogin,
    });
    return () => {
      stop();
      endUpdates();
    };
  }, [hub, userId, tenantId]);
  return <LiveContext value={hub}>{children}</LiveContext>;
}

function useHub(): LiveHub {
  const hub = use(LiveContext);
  if (hub === undefined) throw new Error('useLive and useEvents need a LiveProvider above them');
  return hub;
}

/** Returns the state of the stream of events. Cached stores follow the stream by themselves. */
export function useLive(): LiveState {
  const hub = useHub();
  return useSyncExternalStore(hub.subscribe, hub.state);
}

/** Calls `handler` for each event of the tenant, also for those that another tab reads. */
export function useEvents(handler: LiveHandler): void {
  const hub = useHub();
  const newest = useRef(handler);
  useEffect(() => {
    newest.current = handler;
  });
  useEffect(() => hub.onEvent((event) => newest.current(event)), [hub]);
}
