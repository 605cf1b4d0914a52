import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { eventually } from '../../test/harness/eventually.ts';
import { whilePaused } from './processes.ts';

/** Returns whether a process is stopped by a signal. */
function isPaused(pid: number): boolean {
  return /\) T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

test('processes are paused during the work, and continue when it fails', async () => {
  const child = spawn('sleep', ['60']);
  const pid = child.pid ?? 0;
  try {
    const paused = whilePaused([pid], async () => {
      await eventually(() => isPaused(pid));
      throw new Error('no answer');
    });
    await expect(paused).rejects.toThrow('no answer');
    await eventually(() => !isPaused(pid));
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});
