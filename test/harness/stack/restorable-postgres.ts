import { appendFileSync, chownSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { Client } from 'pg';
import type { Stack } from '../../../temporal-dev/start-stack.ts';
import { stackService } from '../../faults/environment/stack-service.ts';
import { eventually } from '../eventually.ts';

/** The Postgres of a private stack, which archives its write-ahead log and can be restored to a point in time. */
export interface RestorablePostgres {
  /** Copies the data files while the server runs. A restore needs it and the write-ahead log since then. */
  takeBaseBackup(): Promise<void>;
  /** Returns the time of the server, to restore to. */
  now(): Promise<string>;
  /** Loses the server, and starts it again from the base backup and the archive, as it was at `point`. */
  restore(point: string): Promise<void>;
}

/** Turns on archiving in the Postgres of a stack. It runs with the stack's own binaries, which have no pg_basebackup. */
export async function restorablePostgres(stack: Stack): Promise<RestorablePostgres> {
  const home = join(stack.folder.path, 'postgres');
  const dataDir = join(home, 'data');
  const archive = join(home, 'archive');
  const baseBackup = join(home, 'base.tar');
  const service = stackService(stack, 'postgres');
  const { uid, gid } = statSync(dataDir);
  let backupLabel = '';

  mkdirSync(archive);
  chownSync(archive, uid, gid);
  configure([
    'archive_mode = on',
    // A crash never leaves half a segment under its final name.
    `archive_command = 'cp "%p" "${archive}/%f.new" && mv "${archive}/%f.new" "${archive}/%f"'`,
    `restore_command = 'cp "${archive}/%f" "%p"'`,
  ]);
  await service.crash();
  await service.start();

  function configure(settings: readonly string[]): void {
    appendFileSync(join(dataDir, 'postgresql.conf'), `${settings.join('\n')}\n`);
  }

  async function takeBaseBackup(): Promise<void> {
    // Postgres ends the backup with the session that began it.
    backupLabel = await asSuperuser(stack, async (client) => {
      await client.query(`select pg_backup_start('base', fast => true)`);
      const exclude = ['./pg_wal/*', './postmaster.pid', './postmaster.opts'].map((path) => `--exclude=${path}`);
      const copy = await execa('tar', ['-C', dataDir, ...exclude, '-cf', baseBackup, '.'], { reject: false });
      // 1: a file changed or went away while it was read. The write-ahead log has these changes.
      if ((copy.exitCode ?? 2) > 1) throw new Error(`the base backup failed: ${copy.stderr}`);
      const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop()');
      return rows[0]?.labelfile ?? '';
    });
  }

  async function now(): Promise<string> {
    const { rows } = await asSuperuser(stack, (client) =>
      client.query<{ now: string }>('select clock_timestamp()::text as now'),
    );
    return rows[0]?.now ?? '';
  }

  /** Waits until the archive has everything that was written so far. */
  async function archiveAll(): Promise<void> {
    await asSuperuser(stack, async (client) => {
      const { rows } = await client.query<{ segment: string }>('select pg_walfile_name(pg_switch_wal()) as segment');
      await eventually(async () => {
        const { rows: archived } = await client.query(
          'select from pg_stat_archiver where last_archived_wal >= $1 and last_archived_wal !~ $2',
          [rows[0]?.segment, 'backup|history'],
        );
        return archived.length === 1;
      });
    });
  }

  async function restore(point: string): Promise<void> {
    await archiveAll();
    await service.crash();
    rmSync(dataDir, { recursive: true });
    mkdirSync(dataDir, { mode: 0o700 });
    await execa('tar', ['-C', dataDir, '-xpf', baseBackup]);
    configure([`recovery_target_time = '${point}'`, 'recovery_target_action = promote']);
    writeFileSync(join(dataDir, 'backup_label'), backupLabel);
    writeFileSync(join(dataDir, 'recovery.signal'), '');
    for (const path of ['.', 'backup_label', 'recovery.signal']) chownSync(join(dataDir, path), uid, gid);
    await service.start();
    // While it replays, Postgres answers reads.
    await eventually(async () => {
      const { rows } = await asSuperuser(stack, (client) =>
        client.query<{ replays: boolean }>('select pg_is_in_recovery() as replays'),
      );
      return rows[0]?.replays === false;
    });
  }

  return { takeBaseBackup, now, restore };
}

async function asSuperuser<T>(stack: Stack, work: (client: Client) => Promise<T>): Promise<T> {
  const url = new URL(stack.env['DATABASE_URL'] ?? '');
  url.username = 'postgres'; // initdb created it with the same password
  const client = new Client({ connectionString: url.href, connectionTimeoutMillis: 3_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
