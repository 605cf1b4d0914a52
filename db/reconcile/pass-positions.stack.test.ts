import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../../test/harness/stack/stack.ts';
import type { PassPositions } from '../../domain/ports/pass-positions.ts';
import { openDb, type OpenDatabase } from '../connection/open-db.ts';
import { createPassPositions } from './pass-positions.ts';

const INSPECTION = { pass: 'inspect-stores', cluster: 'default' } as const;

let database: TestDatabase;
let opened: OpenDatabase;
let positions: PassPositions;

beforeAll(async () => {
  database = await createDatabase();
  opened = openDb({ databaseUrl: database.url, poolSize: 2, applicationName: 'test', log: console });
  positions = createPassPositions(opened.db);
});
afterAll(async () => {
  await opened.close();
  await database.drop();
});

test('a pass without a position begins with the first store', async () => {
  expect(await positions.readPosition({ pass: 'verify-stores', cluster: 'default' })).toBeNull();
});

test('each pass of each cluster has its own position, and a completed pass begins with the first store again', async () => {
  const [after, now] = [randomUUID(), new Date()];
  await positions.savePosition({ ...INSPECTION, after, now });
  await positions.savePosition({ ...INSPECTION, after, now });
  expect(await positions.readPosition(INSPECTION)).toBe(after);
  expect(await positions.readPosition({ pass: 'verify-stores', cluster: 'default' })).toBeNull();
  expect(await positions.readPosition({ ...INSPECTION, cluster: 'other' })).toBeNull();
  await positions.savePosition({ ...INSPECTION, after: null, now });
  expect(await positions.readPosition(INSPECTION)).toBeNull();
});
