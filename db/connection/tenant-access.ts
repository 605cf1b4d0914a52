import { sql } from 'drizzle-orm';
import { escapeLiteral, type Pool } from 'pg';
import { announcing, collectChanges, type OnCommit } from './changes.ts';
import type { TenantAccess, Transaction } from './database.ts';
import type { Send, WithSession } from './session.ts';

/** The role that row-level security binds to one tenant. */
const TENANT_ROLE = 'sp_app';
/** The role that sees the rows of all tenants. */
const PLATFORM_ROLE = 'sp_platform';

/**
 * Returns the access of tenants to a pool.
 *
 * @param onCommit Receives the changes that were noted, after their commit.
 */
export function tenantAccessOn(withSession: WithSession, onCommit: OnCommit): TenantAccess {
  const access: TenantAccess = {
    query: (tenantId, work) =>
      withSession((session) => {
        session.sendThrough((send) => eachAsTransaction(send, beginAs(tenantId)));
        return work(session.db);
      }),
    queryAfter: (tenantId, first, work) =>
      withSession(async (session) => {
        const { firstSent, sendBoth } = inOrder(actAs(tenantId));
        session.sendThrough(sendBoth);
        const begun = Promise.resolve(first(session.db));
        // The rights follow from the order. The answer to the first query comes later.
        await Promise.race([firstSent, begun.then(failUnsent)]);
        const [before, result] = await Promise.allSettled([begun, work(session.db)]);
        if (before.status === 'rejected') throw before.reason;
        if (result.status === 'rejected') throw result.reason;
        return result.value;
      }),
    transaction: (tenantId, work) =>
      announcing(work, onCommit, (noting) =>
        withSession((session) => {
          session.sendThrough((send) => firstReplacedBy(send, beginAs(tenantId)));
          return session.db.transaction(noting);
        }),
      ),
  };
  // Each query is committed when it returns.
  collectChanges(access, (change) => onCommit([change]));
  return access;
}

/**
 * Runs `work` as a tenant within a transaction that has the rights of the platform, and returns to these rights. When `work`
 * throws, the transaction keeps the rights of the tenant: it can only be rolled back.
 */
export async function asTenantWithin<Result>(
  tx: Transaction,
  tenantId: string,
  work: (tx: Transaction) => Promise<Result>,
): Promise<Result> {
  await tx.execute(sql`select set_config('role', ${TENANT_ROLE}, true), set_config('app.tenant', ${tenantId}, true)`);
  const result = await work(tx);
  await tx.execute(sql`select set_config('role', 'none', true), set_config('app.tenant', '', true)`);
  return result;
}

/** Returns the begin of a transaction of a tenant. */
function beginAs(tenantId: string): string {
  return `begin; ${actAs(tenantId)}`;
}

/** Gives a transaction the rights of a tenant. Both settings end with the transaction, so no other one inherits them. */
function actAs(tenantId: string): string {
  return `set local role ${TENANT_ROLE}; set local app.tenant = ${escapeLiteral(tenantId)}`;
}

/** Sends each query as a transaction of its own, in one round trip. */
function eachAsTransaction(send: Send, begin: string): Send {
  return (...args) => sendTogether([send(begin), send(...args), send('commit')], 1);
}

function failUnsent(): never {
  throw new Error('the first function of queryAfter sent no query');
}

function doNothing(): void {}

/** Sends two queries as one transaction. Only the second one has the rights of the tenant. */
function inOrder(actAsTenant: string) {
  let sent = 0;
  let onFirst = doNothing;
  const firstSent = new Promise<void>((resolve) => {
    onFirst = resolve;
  });
  const sendBoth =
    (send: Send): Send =>
    (...args) => {
      sent += 1;
      // After the second query, the transaction has ended, and with it the rights of the tenant.
      if (sent > 2) throw new Error('queryAfter sends two queries');
      if (sent === 2) return sendTogether([send(actAsTenant), send(...args), send('commit')], 1);
      onFirst();
      return sendTogether([send('begin'), send(...args)], 1);
    };
  return { firstSent, sendBoth };
}

/**
 * Waits for messages that the driver sends at once, in one round trip, and returns the answer to one of them. Postgres answers
 * all, also after an error: the commit of a failed transaction rolls it back.
 */
async function sendTogether(messages: readonly Promise<unknown>[], returned: number): Promise<unknown> {
  const outcomes = await Promise.allSettled(messages);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  return await messages[returned];
}

/** Replaces the first query: that is the `begin` of drizzle's transaction. */
function firstReplacedBy(send: Send, begin: string): Send {
  let isFirst = true;
  return (...args) => {
    if (!isFirst) return send(...args);
    isFirst = false;
    return send(begin);
  };
}

/**
 * Checks that the login of a pool sees the rows of all tenants, and, if `actsForTenants`, that it may act for one tenant.
 * Without the first right, every table would look empty.
 *
 * @throws Error that names the missing right and the command.
 */
export async function requireRoles(
  pool: Pick<Pool, 'query'>,
  { actsForTenants = false }: { readonly actsForTenants?: boolean } = {},
): Promise<void> {
  // `usage`: the login has the rights of the role. `member`: it may take the role.
  const needed = actsForTenants ? { [PLATFORM_ROLE]: 'usage', [TENANT_ROLE]: 'member' } : { [PLATFORM_ROLE]: 'usage' };
  const { rows } = await pool.query<{ login: string; role: string }>(
    `select current_user as login, role from unnest($1::text[], $2::text[]) as needed (role, privilege)
     where not exists (select from pg_roles where rolname = role and pg_has_role(current_user, oid, privilege))`,
    [Object.keys(needed), Object.values(needed)],
  );
  const [missing] = rows;
  if (missing === undefined) return;
  const { login, role } = missing;
  throw new Error(
    `its login ${login} is not a member of the role ${role}: run "grant ${role} to ${login}" as its owner`,
  );
}
