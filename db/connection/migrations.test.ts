import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { readMigrations } from './migrations.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** Returns the rules that a migration breaks. */
async function brokenRules(migration: string): Promise<readonly string[]> {
  const { stdout } = await execa('squawk', ['--reporter', 'json', '--stdin-filepath', 'new.sql'], {
    cwd: REPOSITORY,
    preferLocal: true,
    input: migration,
    reject: false,
  });
  return (JSON.parse(stdout) as { rule_name: string }[]).map(({ rule_name: rule }) => rule);
}

describe('npm run lint:migrations', () => {
  test.each([
    [
      'a required column without a default',
      'alter table stores add column note text not null',
      'adding-required-field',
    ],
    ['an index that blocks writes', 'create index stores_name on stores (name)', 'require-concurrent-index-creation'],
    [
      'a constraint that checks all rows under a lock',
      "alter table stores add constraint stores_engine check (engine in ('a'))",
      'constraint-missing-not-valid',
    ],
    ['a new column type', 'alter table stores alter column last_seq set data type bigint', 'changing-column-type'],
  ])('reports %s', async (_, statement, rule) => {
    expect(await brokenRules(statement)).toEqual([rule]);
  });

  test.each([
    ['a nullable column', 'alter table stores add column note text'],
    ['an index built concurrently', 'create index concurrently if not exists stores_name on stores (name)'],
    ['a constraint for new rows', "alter table stores add constraint stores_engine check (engine in ('a')) not valid"],
    ['the check of old rows', 'alter table stores validate constraint stores_engine'],
    [
      'indexes and constraints of a table of the same migration',
      'create table notes (id int); create index on notes (id)',
    ],
  ])('accepts %s', async (_, statement) => {
    expect(await brokenRules(statement)).toEqual([]);
  });
});

test('a migration with a concurrent index contains nothing else, because it is not one transaction', () => {
  const mixed = readMigrations().filter(({ statements }) => {
    const concurrent = statements.filter((statement) => /\bconcurrently\b/i.test(statement));
    return concurrent.length > 0 && concurrent.length < statements.length;
  });
  expect(mixed.map(({ name }) => name)).toEqual([]);
});

test('the newest migration has every statement of db/security: run "npm run migrations" after a change', () => {
  const folder = join(REPOSITORY, 'db', 'security');
  const newest = readFileSync(
    join(REPOSITORY, 'db', 'migrations', `${readMigrations().at(-1)?.name ?? 'none'}.sql`),
    'utf8',
  );
  const files = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  const missing = files.filter((name) => !newest.includes(readFileSync(join(folder, name), 'utf8').trim()));
  expect([files.length > 0, missing]).toEqual([true, []]);
});
