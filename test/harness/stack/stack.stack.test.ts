import { expect, test } from '@jest/globals';
import { Client } from 'pg';
import { createDatabase } from './stack.ts';

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('creates migrated and independent databases when two are requested at the same time', async () => {
  const [one, two] = await Promise.all([createDatabase(), createDatabase()]);
  await query(one.url, 'CREATE TABLE mine (id int)');
  const tables = "SELECT table_name FROM information_schema.tables WHERE table_name IN ('stores', 'mine')";
  expect(await query(one.url, tables)).toHaveLength(2);
  expect(await query(two.url, tables)).toEqual([{ table_name: 'stores' }]);
  await Promise.all([one.drop(), two.drop()]);
});
