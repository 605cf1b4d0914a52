import { and, eq, isNull } from 'drizzle-orm';
import type { TokenRecords } from '../../domain/ports/token-records.ts';
import { serviceAccounts } from '../schema/tenants.ts';
import { ofTenant } from '../stores/of-tenant.ts';
import type { TenancyQueries } from './executor.ts';
import { isAfter, newestFirst, pageOf } from './page.ts';

type ServiceAccountRecords = Pick<
  TokenRecords,
  'createServiceAccount' | 'listServiceAccounts' | 'getServiceAccount' | 'deleteServiceAccount'
>;

const ACCOUNT = {
  id: serviceAccounts.id,
  tenantId: serviceAccounts.tenantId,
  name: serviceAccounts.name,
  role: serviceAccounts.role,
  createdBy: serviceAccounts.createdBy,
  createdAt: serviceAccounts.createdAt,
} as const;

export function serviceAccountRecords({ asTenant }: TenancyQueries): ServiceAccountRecords {
  async function createServiceAccount(input: Parameters<ServiceAccountRecords['createServiceAccount']>[0]) {
    const { now, ...account } = input;
    await asTenant(account.tenantId, (tx) => tx.insert(serviceAccounts).values({ ...account, createdAt: now }));
    return { ...account, createdAt: now };
  }

  async function listServiceAccounts(query: Parameters<ServiceAccountRecords['listServiceAccounts']>[0]) {
    const { tenantId, limit, after } = query;
    const rows = await asTenant(tenantId, (tx) =>
      tx
        .select(ACCOUNT)
        .from(serviceAccounts)
        .where(
          and(
            ofTenant(serviceAccounts, tenantId),
            isNull(serviceAccounts.deletedAt),
            isAfter(serviceAccounts.createdAt, serviceAccounts.id, after),
          ),
        )
        .orderBy(...newestFirst(serviceAccounts.createdAt, serviceAccounts.id))
        .limit(limit + 1),
    );
    return pageOf(rows, limit, ({ createdAt, id }) => ({ createdAt, id }));
  }

  async function getServiceAccount({ tenantId, id }: Parameters<ServiceAccountRecords['getServiceAccount']>[0]) {
    const [account] = await asTenant(tenantId, (tx) =>
      tx.select(ACCOUNT).from(serviceAccounts).where(isPresent(tenantId, id)),
    );
    return account;
  }

  async function deleteServiceAccount(key: Parameters<ServiceAccountRecords['deleteServiceAccount']>[0]) {
    const deleted = await asTenant(key.tenantId, (tx) =>
      tx
        .update(serviceAccounts)
        .set({ deletedAt: key.now })
        .where(isPresent(key.tenantId, key.id))
        .returning({ id: serviceAccounts.id }),
    );
    return deleted.length > 0;
  }

  return { createServiceAccount, listServiceAccounts, getServiceAccount, deleteServiceAccount };
}

function isPresent(tenantId: string, id: string) {
  return and(ofTenant(serviceAccounts, tenantId), eq(serviceAccounts.id, id), isNull(serviceAccounts.deletedAt));
}
