import { renameSync, writeFileSync } from 'node:fs';
import { Pool } from 'pg';
import { poolFile, type PoolUse } from '../environment/pool-use.ts';

/* Loaded before the code of a process. Writes the use of its database connections to a file, twice a second. */

const folder = process.env['FAULT_POINTS_DIR'] ?? '';
const pools = new Set<Pool>();
const EVERY_MS = 500;

const connect = Reflect.get(Pool.prototype, 'connect') as (...args: readonly unknown[]) => unknown;
Reflect.set(Pool.prototype, 'connect', function connectAndRemember(this: Pool, ...args: readonly unknown[]): unknown {
  pools.add(this);
  return connect.apply(this, [...args]);
});

function write(): void {
  const inUse = [...pools].reduce((sum, { totalCount, idleCount }) => sum + totalCount - idleCount, 0);
  const file = poolFile(folder, process.pid);
  writeFileSync(`${file}.draft`, JSON.stringify({ inUse, atMs: Date.now() } satisfies PoolUse));
  renameSync(`${file}.draft`, file);
}

setInterval(write, EVERY_MS).unref();
