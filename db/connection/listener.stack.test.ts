import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createInput } from '../../test/factories/store-records.ts';
import { findPgbouncer, startPgbouncer } from '../../test/harness/pgbouncer.ts';
import { endSessions } from '../../test/harness/stack/sessions.ts';
import { createDatabase, eventually, type TestDatabase } from '../../test/harness/stack/stack.ts';
import { createConditionRecords } from '../stores/conditions.ts';
import { createStores } from '../index.ts';
import type { StoreChange } from './changes.ts';
import { listenForChanges, type Listener } from './listener.ts';
import { openDb, type OpenDatabase } from './open-db.ts';

const NAME = 'listener under test';

let database: TestDatabase;
let writer: OpenDatabase;
beforeAll(async () => {
  database = await createDatabase();
  writer = openDb({
    databaseUrl: database.url,
    poolSize: 5,
    applicationName: 'writer',
    log: { warn: () => undefined },
  });
});
afterAll(async () => {
  await writer.close();
  await database.drop();
});

let changes: StoreChange[];
let gaps: number;
let warnings: string[];
const listeners: Listener[] = [];
beforeEach(() => {
  [changes, gaps, warnings] = [[], 0, []];
});
afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.close()));
});

function listen(databaseUrl = database.url, answerMs = 5_000): Listener {
  const listener = listenForChanges({
    databaseUrl,
    applicationName: NAME,
    onChange: (change) => void changes.push(change),
    onGap: () => {
      gaps += 1;
    },
    log: { warn: ({ err }) => void warnings.push(err instanceof Error ? err.message : String(err)) },
    limits: { answerMs, firstPauseMs: 10 },
  });
  listeners.push(listener);
  return listener;
}

async function newStore(): Promise<StoreChange> {
  const input = createInput();
  await createStores(writer.db).create(input);
  return { storeId: input.id, tenantId: input.tenantId };
}

function hasArrived(change: StoreChange): Promise<unknown> {
  return eventually(() =>
    changes.some(({ storeId, tenantId }) => storeId === change.storeId && tenantId === change.tenantId),
  );
}

describe('a listener', () => {
  test('reports a create and each later change, after its commit', async () => {
    const listener = listen();
    await eventually(() => listener.isListening());
    const change = await newStore();
    await hasArrived(change);
    changes = [];
    const condition = { type: 'DataMissing', status: 'True', reason: 'Lost', message: 'a volume is missing' } as const;
    await createConditionRecords(writer.db).setCondition({ storeId: change.storeId, condition }, new Date());
    await hasArrived(change);
  });

  test('reports changes that come together once', async () => {
    const listener = listen();
    await eventually(() => listener.isListening());
    const change = await newStore();
    await hasArrived(change);
    changes = [];
    const records = createConditionRecords(writer.db);
    for (const status of ['True', 'False', 'True', 'False', 'True', 'False'] as const) {
      const condition = { type: 'DataMissing', status, reason: 'Lost', message: 'a volume is missing' } as const;
      await records.setCondition({ storeId: change.storeId, condition }, new Date());
    }
    const other = await newStore();
    await hasArrived(other);
    expect(changes.filter(({ storeId }) => storeId === change.storeId).length).toBeLessThanOrEqual(6);
  });

  test('connects again when its connection is lost, and reports the gap', async () => {
    const listener = listen();
    await eventually(() => listener.isListening());
    const before = gaps;
    expect(await endSessions(writer.pool, { applicationName: NAME })).toBeGreaterThan(0);
    await eventually(() => gaps >= before + 2 && listener.isListening());
    await hasArrived(await newStore());
    expect(warnings).not.toEqual([]);
  });

  test('can be closed while the database does not answer', async () => {
    const listener = listen('postgres://nobody@127.0.0.1:9/none');
    await eventually(() => warnings.length > 0);
    expect(listener.isListening()).toBe(false);
  });
});

test('changes that a database notes at its end are announced before it closes', async () => {
  const listener = listen();
  await eventually(() => listener.isListening());
  const last = openDb({
    databaseUrl: database.url,
    poolSize: 2,
    applicationName: 'last',
    log: { warn: () => undefined },
  });
  const input = createInput();
  await createStores(last.db).create(input);
  await last.close();
  await hasArrived({ storeId: input.id, tenantId: input.tenantId });
});

const binary = findPgbouncer();

(binary === undefined ? describe.skip : describe)('behind PgBouncer in transaction mode', () => {
  test('no change arrives, and the log names the setting', async () => {
    const pgbouncer = await startPgbouncer(binary ?? '', { databaseUrl: database.url, poolMode: 'transaction' });
    try {
      const listener = listen(pgbouncer.url(database.url), 500);
      await eventually(() => warnings.some((warning) => warning.includes('DATABASE_LISTEN_URL')));
      expect(listener.isListening()).toBe(false);
    } finally {
      await listeners.pop()?.close();
      await pgbouncer.stop();
    }
  });
});
