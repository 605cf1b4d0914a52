import type { Member } from '@store-platform/client';
import { useQuery } from '@tanstack/react-query';
import { api, dataOf } from '../../../api/client.ts';
import { useSession } from '../../../api/session.tsx';
import { defineTexts, useTexts } from '../../../text/texts.ts';
import { settingsKeys } from './settings-keys.ts';

const TEXTS = defineTexts({
  en: { anonymous: 'Anonymous', you: 'You', serviceAccount: 'Service account', formerUser: 'Former member' },
  de: { anonymous: 'Anonym', you: 'Sie', serviceAccount: 'Dienstkonto', formerUser: 'Ehemaliges Mitglied' },
});

/** Names that are read at once. Others are shown by their id. */
const LIMIT = 100;
const STALE_MS = 60_000;
const ID_LENGTH = 8;

/** Returns the members of the tenant, at most 100 of them. Undefined: they are not known yet. */
export function usePeople(): readonly Member[] | undefined {
  const { can } = useSession();
  const { data } = useQuery({
    queryKey: settingsKeys.people,
    queryFn: async () => dataOf(await api.GET('/api/members', { params: { query: { limit: LIMIT } } })).data,
    enabled: can('listMembers'),
    staleTime: STALE_MS,
  });
  return data;
}

/** Returns a function that names an actor, such as `user:<id>`, as people know it. */
export function useActorNames(): (actor: string) => string {
  const t = useTexts(TEXTS);
  const { can, user } = useSession();
  const people = usePeople();
  const { data: accounts } = useQuery({
    queryKey: settingsKeys.accountNames,
    queryFn: async () => dataOf(await api.GET('/api/service-accounts', { params: { query: { limit: LIMIT } } })).data,
    enabled: can('listServiceAccounts'),
    staleTime: STALE_MS,
  });
  return (actor) => {
    const [kind, ...rest] = actor.split(':');
    const id = rest.join(':');
    if (kind === 'anonymous') return t.anonymous;
    if (kind === 'user') {
      if (id === user?.userId) return user.name ?? user.email ?? t.you;
      const person = people?.find(({ userId }) => userId === id);
      return person?.name ?? person?.email ?? `${t.formerUser} ${id.slice(0, ID_LENGTH)}`;
    }
    if (kind === 'service-account') {
      const account = accounts?.find(({ serviceAccountId }) => serviceAccountId === id);
      return account?.name ?? `${t.serviceAccount} ${id.slice(0, ID_LENGTH)}`;
    }
    return actor;
  };
}
