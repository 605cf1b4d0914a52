import { and, eq, gt, isNotNull, isNull, lt, or, sql } from 'drizzle-orm';
import type { Role } from '../../domain/access/roles.ts';
import type { PresentedToken, TokenOwner, TokenRecord, TokenRecords } from '../../domain/ports/token-records.ts';
import { apiTokens, members, serviceAccounts } from '../schema/tenants.ts';
import { users } from '../schema/users.ts';
import { ofTenant } from '../stores/of-tenant.ts';
import type { Executor, TenancyQueries } from './executor.ts';
import { isAfter, newestFirst, pageOf } from './page.ts';
import { serviceAccountRecords } from './service-accounts.ts';

/** Milliseconds between two writes of the last use. */
const USE_INTERVAL_MS = 60_000;

const TOKEN = {
  id: apiTokens.id,
  tenantId: apiTokens.tenantId,
  name: apiTokens.name,
  prefix: apiTokens.prefix,
  userId: apiTokens.userId,
  serviceAccountId: apiTokens.serviceAccountId,
  role: apiTokens.role,
  scopes: apiTokens.scopes,
  createdBy: apiTokens.createdBy,
  createdAt: apiTokens.createdAt,
  expiresAt: apiTokens.expiresAt,
  lastUsedAt: apiTokens.lastUsedAt,
} as const;

/** Returns the records of service accounts and API tokens on a database or in a transaction. */
export function tokenRecords(queries: TenancyQueries): TokenRecords {
  const { all: db, asTenant } = queries;
  // A transaction that creates a token does not need it.
  let selectToken: ReturnType<typeof prepareFindToken> | undefined;

  async function findToken({ hash, now }: Parameters<TokenRecords['findToken']>[0]) {
    selectToken ??= prepareFindToken(db);
    const [row] = await selectToken.execute({ hash, now: now.toISOString() });
    return row === undefined ? undefined : presentedOf(row);
  }

  async function noteTokenUse({ id, now }: Parameters<TokenRecords['noteTokenUse']>[0]) {
    const before = new Date(now.getTime() - USE_INTERVAL_MS);
    await db
      .update(apiTokens)
      .set({ lastUsedAt: now })
      .where(and(eq(apiTokens.id, id), or(isNull(apiTokens.lastUsedAt), lt(apiTokens.lastUsedAt, before))));
  }

  async function createToken({ now, ...token }: Parameters<TokenRecords['createToken']>[0]): Promise<TokenRecord> {
    const scopes = token.scopes === null ? null : [...token.scopes];
    await asTenant(token.tenantId, (tx) => tx.insert(apiTokens).values({ ...token, scopes, createdAt: now }));
    const { hash: _, ...record } = token;
    return { ...record, createdAt: now, lastUsedAt: null };
  }

  async function listTokens({ tenantId, owner, limit, after }: Parameters<TokenRecords['listTokens']>[0]) {
    const rows = await asTenant(tenantId, (tx) =>
      tx
        .select(TOKEN)
        .from(apiTokens)
        .where(
          and(
            ofTenant(apiTokens, tenantId),
            belongsTo(owner),
            isNull(apiTokens.revokedAt),
            isAfter(apiTokens.createdAt, apiTokens.id, after),
          ),
        )
        .orderBy(...newestFirst(apiTokens.createdAt, apiTokens.id))
        .limit(limit + 1),
    );
    return pageOf(rows, limit, ({ createdAt, id }) => ({ createdAt, id }));
  }

  async function getToken({ tenantId, id }: Parameters<TokenRecords['getToken']>[0]) {
    const [token] = await asTenant(tenantId, (tx) => tx.select(TOKEN).from(apiTokens).where(isUnrevoked(tenantId, id)));
    return token;
  }

  async function revokeToken({ tenantId, id, now }: Parameters<TokenRecords['revokeToken']>[0]) {
    const revoked = await asTenant(tenantId, (tx) =>
      tx.update(apiTokens).set({ revokedAt: now }).where(isUnrevoked(tenantId, id)).returning({ id: apiTokens.id }),
    );
    return revoked.length > 0;
  }

  return {
    findToken,
    noteTokenUse,
    createToken,
    listTokens,
    getToken,
    revokeToken,
    ...serviceAccountRecords(queries),
  };
}

/** Prepares the look-up of a valid token with the rights of its owner. Each connection plans it once. */
export function prepareFindToken(db: Executor) {
  const owner = or(isNotNull(users.id), isNotNull(serviceAccounts.id));
  return db
    .select({
      id: apiTokens.id,
      tenantId: apiTokens.tenantId,
      userId: apiTokens.userId,
      serviceAccountId: apiTokens.serviceAccountId,
      role: apiTokens.role,
      scopes: apiTokens.scopes,
      lastUsedAt: apiTokens.lastUsedAt,
      isOwnerOperator: users.isOperator,
      memberRole: members.role,
      accountRole: serviceAccounts.role,
    })
    .from(apiTokens)
    .leftJoin(users, and(eq(users.id, apiTokens.userId), isNull(users.disabledAt)))
    .leftJoin(members, and(eq(members.tenantId, apiTokens.tenantId), eq(members.userId, apiTokens.userId)))
    .leftJoin(
      serviceAccounts,
      and(
        eq(serviceAccounts.id, apiTokens.serviceAccountId),
        eq(serviceAccounts.tenantId, apiTokens.tenantId),
        isNull(serviceAccounts.deletedAt),
      ),
    )
    .where(
      and(
        eq(apiTokens.hash, sql.placeholder('hash')),
        isNull(apiTokens.revokedAt),
        or(isNull(apiTokens.expiresAt), gt(apiTokens.expiresAt, sql`${sql.placeholder('now')}::timestamptz`)),
        owner,
      ),
    )
    .prepare('find_api_token');
}

type FoundToken = Omit<PresentedToken, 'ownerRole' | 'isOwnerOperator'> & {
  readonly isOwnerOperator: boolean | null;
  readonly memberRole: Role | null;
  readonly accountRole: Role | null;
};

/** Returns a row of {@link prepareFindToken} as the port defines it. */
export function presentedOf({ isOwnerOperator, memberRole, accountRole, ...token }: FoundToken): PresentedToken {
  return { ...token, ownerRole: memberRole ?? accountRole, isOwnerOperator: isOwnerOperator === true };
}

function isUnrevoked(tenantId: string, id: string) {
  return and(ofTenant(apiTokens, tenantId), eq(apiTokens.id, id), isNull(apiTokens.revokedAt));
}

function belongsTo(owner: TokenOwner) {
  return 'userId' in owner
    ? eq(apiTokens.userId, owner.userId)
    : eq(apiTokens.serviceAccountId, owner.serviceAccountId);
}
