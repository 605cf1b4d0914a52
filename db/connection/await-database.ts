import pRetry from 'p-retry';
import { StoreError } from '../../domain/failure.ts';
import { installationOf } from './installation.ts';
import { requireMigrated } from './migrations.ts';
import { requireRoles } from './tenant-access.ts';
import type { ConnectionLog, OpenDatabase } from './open-db.ts';
import { requireSessionPooling } from './pooler.ts';
import { postgresAnswerOf } from './postgres-answer.ts';
import { translateConnectionError } from './errors.ts';

/** Waits half a minute for a Postgres that is starting. */
const RETRIES = { retries: 9, minTimeout: 250, maxTimeout: 5_000 };

/**
 * Waits for Postgres, for a limited time, and checks that this version of the platform can use the database. Changes nothing in
 * it but the id of a new installation. Returns the id of the installation.
 *
 * @throws Error in one sentence for the operator.
 */
export async function awaitDatabase(
  { db, pool }: Pick<OpenDatabase, 'db' | 'pool'>,
  {
    databaseUrl,
    log,
    installationId,
    actsForTenants = false,
  }: {
    readonly databaseUrl: string;
    readonly log: ConnectionLog;
    /** INSTALLATION_ID. */
    readonly installationId?: string | undefined;
    /** Whether the process acts for tenants. Then its login needs the role of tenants too. */
    readonly actsForTenants?: boolean;
  },
): Promise<string> {
  return whileUnavailable({ databaseUrl, log }, async () => {
    await requireSessionPooling(databaseUrl);
    await requireMigrated(pool);
    await requireRoles(pool, { actsForTenants });
    return installationOf(db, installationId);
  });
}

/**
 * Repeats `attempt` while Postgres is unavailable, for half a minute.
 *
 * @throws Error in one sentence for the operator. It names the database without the password.
 */
export async function whileUnavailable<Result>(
  { databaseUrl, log }: { readonly databaseUrl: string; readonly log: ConnectionLog },
  attempt: () => Promise<Result>,
): Promise<Result> {
  async function translated(): Promise<Result> {
    try {
      return await attempt();
    } catch (error) {
      throw translateConnectionError(error);
    }
  }
  try {
    return await pRetry(translated, {
      ...RETRIES,
      shouldRetry: ({ error }) => isUnavailable(error),
      onFailedAttempt: ({ error, retriesLeft }) => {
        if (isUnavailable(error)) log.warn({ retriesLeft, reason: error.message }, 'waiting for the database');
      },
    });
  } catch (error) {
    throw new Error(`the database ${addressOf(databaseUrl)} can't be used: ${reasonOf(error)}`, { cause: error });
  }
}

const ADVICE = 'Set DATABASE_URL, or run "npm run stack" for a local database';

/** Returns what is wrong and what to do. Errors of the checks above say both. */
function reasonOf(error: unknown): string {
  if (isUnavailable(error)) return `${postgresAnswerOf(error) ?? 'it does not answer'}. ${ADVICE}`;
  const { message } = error instanceof Error ? error : new Error(String(error));
  return postgresAnswerOf(error) === undefined ? message : `${message}. ${ADVICE}`;
}

function isUnavailable(error: unknown): boolean {
  return error instanceof StoreError && error.code === 'DATABASE_UNAVAILABLE';
}

/** Returns the host and the database of a connection string, without user and password. */
function addressOf(databaseUrl: string): string {
  if (!URL.canParse(databaseUrl)) return 'of DATABASE_URL';
  const { host, pathname } = new URL(databaseUrl);
  return `${host}${pathname}`;
}
