import { and, eq } from 'drizzle-orm';
import type { PageQuery } from '../../domain/list-position.ts';
import type { TenantRecords } from '../../domain/ports/tenant-records.ts';
import { members, tenants } from '../schema/tenants.ts';
import { ofTenant } from '../stores/of-tenant.ts';
import type { TenancyQueries } from './executor.ts';
import { memberRecords } from './members.ts';
import { isAfter, newestFirst, pageOf } from './page.ts';

/** Returns the records of tenants and members on a database or in a transaction. */
export function tenantRecords(queries: TenancyQueries): TenantRecords {
  const { all: db, asTenant } = queries;

  async function listTenants({ limit, after }: PageQuery) {
    const rows = await db
      .select()
      .from(tenants)
      .where(isAfter(tenants.createdAt, tenants.id, after))
      .orderBy(...newestFirst(tenants.createdAt, tenants.id))
      .limit(limit + 1);
    return pageOf(rows, limit, ({ createdAt, id }) => ({ createdAt, id }));
  }

  async function listTenantsOf({ userId, limit, after }: Parameters<TenantRecords['listTenantsOf']>[0]) {
    const rows = await db
      .select({ tenant: tenants, role: members.role, since: members.createdAt })
      .from(members)
      .innerJoin(tenants, eq(tenants.id, members.tenantId))
      .where(and(eq(members.userId, userId), isAfter(members.createdAt, members.tenantId, after)))
      .orderBy(...newestFirst(members.createdAt, members.tenantId))
      .limit(limit + 1);
    const page = pageOf(rows, limit, ({ since, tenant }) => ({ createdAt: since, id: tenant.id }));
    return { entries: page.entries.map(({ tenant, role }) => ({ ...tenant, role })), next: page.next };
  }

  async function createTenant({ now, ...tenant }: Parameters<TenantRecords['createTenant']>[0]) {
    const [created] = await db
      .insert(tenants)
      .values({ ...tenant, createdAt: now, updatedAt: now })
      .onConflictDoNothing()
      .returning();
    return created;
  }

  async function updateTenant({ id, now, ...changes }: Parameters<TenantRecords['updateTenant']>[0]) {
    const [updated] = await db
      .update(tenants)
      .set({ ...changes, updatedAt: now })
      .where(eq(tenants.id, id))
      .returning();
    return updated;
  }

  return {
    async ensureTenant({ id, name, now }) {
      // The read comes first, so that a start needs no write: the database may be read-only at this moment.
      const [tenant] = await db.select({ id: tenants.id }).from(tenants).where(eq(tenants.id, id));
      if (tenant !== undefined) return;
      await db.insert(tenants).values({ id, name, createdAt: now, updatedAt: now }).onConflictDoNothing();
    },
    async getTenant(tenantId) {
      return asTenant(tenantId, async (tx) => {
        const [tenant] = await tx
          .select()
          .from(tenants)
          .where(ofTenant({ tenantId: tenants.id }, tenantId));
        return tenant;
      });
    },
    listTenants,
    listTenantsOf,
    createTenant,
    updateTenant,
    ...memberRecords(queries),
  };
}
