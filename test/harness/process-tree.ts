import { readFileSync } from 'node:fs';

/**
 * Pauses or continues a process and all its descendants. Postgres runs each connection in its own process, and each of them
 * leads its own process group. Linux only.
 */
export function signalTree(pid: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
  process.kill(pid, signal);
  for (const child of childrenOf(pid)) {
    try {
      signalTree(child, signal);
    } catch {
      // The child has ended.
    }
  }
}

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}
