import type { ChildProcess } from 'node:child_process';

/** Kills a child process and waits until it has exited. Returns at once when it exited before, also by a signal. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGKILL');
  await exited;
}
