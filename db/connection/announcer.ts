import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { StoreChange } from './changes.ts';
import type { ConnectionLog } from './database.ts';

/** The Postgres notification channel on which processes announce changes of stores. */
export const CHANGES_CHANNEL = 'store_changes';

/** Changes of this time are one statement. Readers see a change at most this much later. */
const BATCH_MS = 20;
/** Changes of one statement. The next statement has the others. */
const MAX_BATCH = 1_000;
/** Length of a UUID. The tenant follows it after a space. */
const ID_LENGTH = 36;

export interface Announcer {
  readonly announce: (changes: readonly StoreChange[]) => void;
  /** Announces what is left. Resolves also when Postgres does not answer. */
  flush(): Promise<void>;
}

/**
 * Announces committed changes to all processes that listen. A notification inside of the writing transaction would take a
 * lock that all databases of the server share until the commit, so every commit would wait for every other one.
 *
 * A lost announcement only delays readers: they read again from time to time.
 */
export function createAnnouncer(pool: Pool, log: ConnectionLog): Announcer {
  const waiting = new Set<string>();
  let sending: Promise<void> | undefined;

  async function send(delayMs: number): Promise<void> {
    await pause(delayMs);
    while (waiting.size > 0) {
      const payloads = [...waiting].slice(0, MAX_BATCH);
      for (const payload of payloads) waiting.delete(payload);
      try {
        await pool.query({
          name: 'announce_changes',
          text: `select pg_notify('${CHANGES_CHANNEL}', payload) from unnest($1::text[]) payload`,
          values: [payloads],
        });
      } catch (error) {
        log.warn({ err: error, changes: payloads.length }, 'changes could not be announced: readers see them later');
      }
    }
  }

  function start(delayMs: number): Promise<void> {
    sending ??= send(delayMs).finally(() => {
      sending = undefined;
      if (waiting.size > 0) void start(BATCH_MS);
    });
    return sending;
  }

  return {
    announce: (changes) => {
      for (const change of changes) waiting.add(payloadOf(change));
      if (waiting.size > 0) void start(BATCH_MS);
    },
    flush: async () => {
      while (waiting.size > 0 || sending !== undefined) await start(0);
    },
  };
}

function payloadOf({ storeId, tenantId }: StoreChange): string {
  return `${storeId} ${tenantId}`;
}

/** Returns the change in the payload of a notification. */
export function changeOf(payload: string): StoreChange {
  return { storeId: payload.slice(0, ID_LENGTH), tenantId: payload.slice(ID_LENGTH + 1) };
}
