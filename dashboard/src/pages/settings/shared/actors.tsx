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
  const userName = (id: string): string => {
    const { name, email } = (id === user?.userId ? user : people?.find(({ userId }) => userId === id)) ?? {};
    return name ?? email ?? `${id === user?.userId ? t.you : t.formerUser} ${id.slice(0, ID_LENGTH)}`;
  };
  const accountName = (id: string): string =>
    accounts?.find(({ serviceAccountId }) => serviceAccountId === id)?.name ??
    `${t.serviceAccount} ${id.slice(0, ID_LENGTH)}`;
  return (actor) => {
    const [kind, id = ''] = actor.split(':', 2);
    if (kind === 'anonymous') return t.anonymous;
    if (kind === 'user') return userName(id);
    return kind === 'service-account' ? accountName(id) : actor;
  };
}
