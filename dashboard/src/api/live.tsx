import { followTenant } from '@store-platform/client';
import { createContext, use, useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import { readStored, writeStored } from '../browser/storage.ts';
import { api, dataOf } from './client.ts';
import { cacheUpdater } from './live-cache.ts';
import { startLive, type EventSource, type Live, type LiveHandler, type LiveState } from './live-stream.ts';
import { goToLogin } from './login.ts';
import { keys, queryClient } from './query.ts';
import { useSession } from './session.tsx';

const LiveContext = createContext<Live | undefined>(undefined);

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
  const [live, setLive] = useState<Live>();
  useEffect(() => {
    if (tenantId === null) return undefined;
    const seenKey = `events-seen/${userId}/${tenantId}`;
    const started = startLive({
      name: `store-platform/events/${userId}/${tenantId}`,
      source: SOURCE,
      readSeen: () => {
        const stored = readStored(seenKey);
        return stored === null ? null : Number(stored);
      },
      writeSeen: (seq) => writeStored(seenKey, String(seq)),
      onGap: () => void queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== keys.me[0] }),
      onRejected: goToLogin,
    });
    const update = cacheUpdater(queryClient);
    const end = started.onEvent(({ event, isMissed }) => isMissed || update(event));
    setLive(started);
    return () => {
      end();
      started.stop();
      setLive(undefined);
    };
  }, [userId, tenantId]);
  return <LiveContext value={live}>{children}</LiveContext>;
}

const NEVER = () => () => undefined;

/** Returns the state of the stream of events. Cached stores follow the stream by themselves. */
export function useLive(): LiveState {
  const live = use(LiveContext);
  return useSyncExternalStore(live?.subscribe ?? NEVER, live?.state ?? (() => 'connecting'));
}

/** Calls `handler` for each event of the tenant, also for those that another tab reads. */
export function useEvents(handler: LiveHandler): void {
  const live = use(LiveContext);
  const newest = useRef(handler);
  useEffect(() => {
    newest.current = handler;
  });
  useEffect(() => live?.onEvent((event) => newest.current(event)), [live]);
}
