import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How many database connections of a process are in use at one moment. */
export interface PoolUse {
  readonly inUse: number;
  readonly atMs: number;
}

/** Returns the file to which `preload/pools.ts` writes. */
export function poolFile(folder: string, pid: number): string {
  return join(folder, `pool-${pid}.json`);
}

/** Returns the newest numbers of a process, or undefined if it has written none. */
export function readPoolUse(folder: string, pid: number): PoolUse | undefined {
  try {
    return JSON.parse(readFileSync(poolFile(folder, pid), 'utf8')) as PoolUse; // written by `preload/pools.ts`
  } catch {
    return undefined;
  }
}
