import { beforeEach, describe, expect, test } from '@jest/globals';
import { asActivity } from '../../test/harness/platform/cluster-activities.ts';
import { FakeClusterReconciler } from '../../test/fakes/fake-cluster-reconciler.ts';
import type { RecordedPause } from '../../domain/ports/removal-records.ts';
import { createRemovalGuard } from './removal-guard.ts';

const NOT_PAUSED: RecordedPause = { since: null, reason: null, confirmed: null };
const IDENTITY = { systemIdentifier: '7001', timeline: 1, oid: '16384' };

/** A database that a test can restore: its number of checks and its row about the pause. */
let database: { checks: number; pause: RecordedPause };
let cluster: FakeClusterReconciler;
let hour: number;

beforeEach(() => {
  database = { checks: 0, pause: NOT_PAUSED };
  cluster = new FakeClusterReconciler();
  hour = 0;
});

function arePaused(of = cluster): Promise<boolean> {
  const guard = createRemovalGuard({
    memory: of.databaseMemory,
    records: {
      check: async () => ({ ...IDENTITY, checks: (database.checks += 1) }),
      read: async () => database.pause,
      pause: async ({ since, reason }) => void (database.pause = { ...database.pause, since, reason }),
      activate: async () => void (database.pause = { ...database.pause, since: null, reason: null }),
    },
    now: () => new Date(Date.UTC(2026, 0, 1, (hour += 1))),
  });
  return asActivity(async () => guard.arePaused(), {});
}

function confirm(): void {
  database.pause = { ...database.pause, confirmed: database.pause.since };
}

test('removals are not paused while the database only moves forward', async () => {
  expect(await arePaused()).toBe(false);
  expect(await arePaused()).toBe(false);
  expect(database.pause).toEqual(NOT_PAUSED);
});

test('a restored database pauses removals until an operator confirms, also after it has caught up', async () => {
  for (let checks = 0; checks < 5; checks += 1) await arePaused();
  database = { checks: 3, pause: NOT_PAUSED };
  for (let checks = 0; checks < 5; checks += 1) expect(await arePaused()).toBe(true);
  expect(database.pause).toMatchObject({ since: expect.any(Date), reason: expect.stringContaining('was 5 and is 4') });
  confirm();
  expect(await arePaused()).toBe(false);
  expect(await arePaused()).toBe(false);
  expect(database.pause).toMatchObject({ since: null, reason: null });
});

test('a second restore does not end the pause, and a confirmation of the first one does not count for it', async () => {
  for (let checks = 0; checks < 5; checks += 1) await arePaused();
  database = { checks: 3, pause: NOT_PAUSED };
  await arePaused();
  database = { checks: 3, pause: NOT_PAUSED };
  expect(await arePaused()).toBe(true);
  confirm();
  const backup = { ...database };
  expect(await arePaused()).toBe(false);
  database = backup;
  expect(await arePaused()).toBe(true);
});

test('a pause that the database records stays when the cluster has lost its memory', async () => {
  for (let checks = 0; checks < 5; checks += 1) await arePaused();
  database = { checks: 3, pause: NOT_PAUSED };
  await arePaused();
  cluster.remembered = undefined;
  expect(await arePaused()).toBe(true);
  expect(await arePaused()).toBe(true);
  confirm();
  expect(await arePaused()).toBe(false);
});

describe('two clusters with one database', () => {
  let other: FakeClusterReconciler;
  beforeEach(() => {
    other = new FakeClusterReconciler();
  });

  test('do not take the checks of each other for a restored database', async () => {
    for (let checks = 0; checks < 3; checks += 1) {
      expect(await arePaused(cluster)).toBe(false);
      expect(await arePaused(other)).toBe(false);
    }
  });

  test('are both paused by a restore that only one of them has found, and one confirmation ends it for both', async () => {
    await arePaused(other);
    for (let checks = 0; checks < 5; checks += 1) await arePaused(cluster);
    // The other cluster has not looked since the backup, so it cannot see that the database is older.
    database = { checks: 3, pause: NOT_PAUSED };
    expect(await arePaused(cluster)).toBe(true);
    const { since } = database.pause;
    expect(await arePaused(other)).toBe(true);
    expect(await arePaused(cluster)).toBe(true);
    expect(database.pause).toMatchObject({ since });
    confirm();
    for (let checks = 0; checks < 2; checks += 1) {
      expect(await arePaused(cluster)).toBe(false);
      expect(await arePaused(other)).toBe(false);
    }
    expect(database.pause).toMatchObject({ since: null });
  });
});
