import type { Me } from '@store-platform/client';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { mayCall, type OperationId, type Role } from './access.ts';
import { api, dataOf } from './client.ts';
import { keys, queryClient } from './query.ts';
import { chooseTenant, chosenTenant } from './tenant.ts';

export interface Session extends Me {
  /** Role in the chosen tenant. Null: the person is no member of a tenant. */
  readonly role: Role | null;
  readonly tenantId: string | null;
  readonly isAuthenticationOff: boolean;
  /** Returns whether the person may call at least one of these operations, such as `can('deleteStore')`. */
  readonly can: (...operations: readonly OperationId[]) => boolean;
}

/** Reads who the person is. Forgets a chosen tenant that the person may not use. */
async function readMe(): Promise<Me> {
  const me = dataOf(await api.GET('/api/me'));
  if (me.tenant !== null || chosenTenant() === undefined) return me;
  chooseTenant(null);
  return dataOf(await api.GET('/api/me'));
}

/** The query of the session. It loads before everything else. */
export const meQuery = { queryKey: keys.me, queryFn: readMe, staleTime: 60_000 };

/** Returns who the person is, their tenants and their rights. */
export function useSession(): Session {
  const { data: me } = useSuspenseQuery(meQuery);
  return useMemo(() => sessionOf(me), [me]);
}

/** Returns the rights of a person. */
export function sessionOf(me: Me): Session {
  const role = me.tenant?.role ?? null;
  const { isOperator } = me;
  return {
    ...me,
    role,
    tenantId: me.tenant?.tenantId ?? null,
    isAuthenticationOff: me.authentication === 'none',
    can: (...operations) => operations.some((operation) => mayCall(operation, { role, isOperator })),
  };
}

function isOfTenant({ queryKey }: { readonly queryKey: readonly unknown[] }): boolean {
  return queryKey[0] !== keys.me[0];
}

/** Changes the tenant of this tab. All data of the old one is forgotten. */
export async function switchTenant(tenantId: string): Promise<void> {
  chooseTenant(tenantId);
  await queryClient.cancelQueries();
  const me = await readMe();
  queryClient.setQueryData(keys.me, me);
  queryClient.removeQueries({ type: 'inactive', predicate: isOfTenant });
  void queryClient.resetQueries({ predicate: isOfTenant });
}
