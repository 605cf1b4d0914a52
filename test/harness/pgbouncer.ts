import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import which from 'which';
import { freePort } from '../../temporal-dev/processes/ports.ts';
import { endChild } from './end-child.ts';

/** A PgBouncer in front of a Postgres. */
export interface Pgbouncer {
  /** Returns the connection string that leads through PgBouncer. */
  url(databaseUrl: string): string;
  stop(): Promise<void>;
}

const PATHS = [process.env['PATH'] ?? '', '/usr/sbin'].join(':');

/** Returns the path of PgBouncer, or undefined and prints why the tests with it are skipped. */
export function findPgbouncer(): string | undefined {
  const path = which.sync('pgbouncer', { nothrow: true, path: PATHS }) ?? undefined;
  if (path === undefined)
    process.stderr.write('pgbouncer is not installed: its tests are skipped (Debian package pgbouncer)\n');
  return path;
}

/** Starts PgBouncer on a free port of the loopback interface. */
export async function startPgbouncer(
  binary: string,
  { databaseUrl, poolMode }: { readonly databaseUrl: string; readonly poolMode: 'session' | 'transaction' },
): Promise<Pgbouncer> {
  const folder = mkdtempSync(join(tmpdir(), 'pgbouncer-'));
  chmodSync(folder, 0o755);
  const port = await freePort();
  const { hostname, port: serverPort, username, password } = new URL(databaseUrl);
  const file = join(folder, 'pgbouncer.ini');
  const server = `host=${hostname} port=${serverPort} user=${username} password=${decodeURIComponent(password)}`;
  const settings = [
    '[databases]',
    `* = ${server}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    `pool_mode = ${poolMode}`,
  ];
  writeFileSync(file, `${settings.join('\n')}\n`);
  // PgBouncer refuses to run as root.
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child = spawn(binary, [...user, file], { stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    await listening(child);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return {
    url: (direct) => {
      const url = new URL(direct);
      url.port = String(port);
      return url.href;
    },
    stop: async () => {
      await endChild(child);
      rmSync(folder, { recursive: true });
    },
  };
}

/** Resolves when PgBouncer logs that it is up. @throws Error with its log if it ends before. */
function listening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      if (log.includes('process up')) resolve();
    });
    child.once('exit', () => reject(new Error(`pgbouncer ended: ${log}`)));
    child.once('error', reject);
  });
}
