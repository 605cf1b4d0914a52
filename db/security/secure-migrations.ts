import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MIGRATIONS = join(ROOT, 'db', 'migrations');
const BY_HAND = ['row-level-security.sql', 'request-counts.sql', 'tenant-events.sql'];

/**
 * `npm run migrations`: writes the migration for a change of the tables, and after it a migration with the statements that
 * `drizzle-kit` cannot write, such as the policies of row-level security. Arguments go to `drizzle-kit generate`.
 */
const before = newestMigration();
await drizzleKit(process.argv.slice(2));
if (newestMigration() !== before || before === undefined || readFileSync(before, 'utf8') !== statements()) {
  await drizzleKit(['--custom', '--name', 'row_level_security']);
  const added = newestMigration();
  if (added === undefined) throw new Error('drizzle-kit wrote no migration for row-level security');
  writeFileSync(added, statements());
}

function statements(): string {
  return BY_HAND.map((file) => readFileSync(join(ROOT, 'db', 'security', file), 'utf8')).join(
    '--> statement-breakpoint\n',
  );
}

/** Returns the path of the newest migration, or undefined without one. */
function newestMigration(): string | undefined {
  const journal = join(MIGRATIONS, 'meta', '_journal.json');
  if (!existsSync(journal)) return undefined;
  const { entries } = JSON.parse(readFileSync(journal, 'utf8')) as { readonly entries: readonly { tag: string }[] };
  const newest = entries.at(-1);
  return newest === undefined ? undefined : join(MIGRATIONS, `${newest.tag}.sql`);
}

async function drizzleKit(args: readonly string[]): Promise<void> {
  await execa('drizzle-kit', ['generate', ...args], { cwd: ROOT, preferLocal: true, stdio: 'inherit' });
}
