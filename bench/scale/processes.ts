import { readFileSync } from 'node:fs';
import type { BenchPlatform } from '../platform.ts';

const PAGE_BYTES = 4_096;

/** Returns the resident memory of a process in bytes. */
export function residentBytes(pid: number): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  return pages * PAGE_BYTES;
}

/** Returns the resident memory in bytes of the servers of the stack, the API and a worker, by name. */
export function memoryOf({ processes, api }: BenchPlatform, worker: { readonly pid: number }): Record<string, number> {
  const own = [
    { name: 'api', pid: api.pid },
    { name: 'worker', pid: worker.pid },
  ];
  return Object.fromEntries([...own, ...processes()].map(({ name, pid }) => [name, residentBytes(pid)]));
}

const END_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Pauses processes while `work` runs. They also continue when this process receives a signal to end: a paused process cannot end. */
export async function whilePaused<T>(pids: readonly number[], work: () => Promise<T>): Promise<T> {
  const resume = (): void => {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  };
  for (const signal of END_SIGNALS) process.once(signal, resume);
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    return await work();
  } finally {
    for (const signal of END_SIGNALS) process.off(signal, resume);
    resume();
  }
}
