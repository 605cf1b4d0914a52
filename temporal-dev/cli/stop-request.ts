import { constants } from 'node:os';
import { sendSignal } from '../processes/process-identity.ts';
import type { ProcessStatus } from '../processes/supervisor.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/**
 * One Ctrl-C can arrive twice: from the terminal and from npm, which forwards it. Signals within this time count as
 * one.
 */
const SAME_KEYSTROKE_MS = 1_000;

/** A request to stop: Ctrl-C, `kill` or a closed terminal. */
export interface StopRequest {
  /** Aborted when the request arrives. */
  readonly signal: AbortSignal;
  /** Resolves when the request arrives. */
  readonly received: Promise<undefined>;
  /** The exit code of a program that a signal ended: 128 plus the signal number. */
  exitCode(): number;
  /** Sets the stack whose processes are killed when a second request arrives. */
  killOnRepeat(stack: { processes(): readonly ProcessStatus[] }): void;
}

/** Installs handlers for SIGINT, SIGTERM and SIGHUP. They stay until this process exits. */
export function createStopRequest(print: (text: string) => void): StopRequest {
  const abort = new AbortController();
  let stack: { processes(): readonly ProcessStatus[] } | undefined;
  let first: { readonly signal: NodeJS.Signals; readonly atMs: number } | undefined;
  let resolveReceived: (value: undefined) => void;
  const received = new Promise<undefined>((resolve) => (resolveReceived = resolve));

  function onSignal(signal: NodeJS.Signals): void {
    if (first === undefined) {
      first = { signal, atMs: performance.now() };
      print('\nStopping ... (press Ctrl-C again to kill the remaining processes)');
      abort.abort();
      resolveReceived(undefined);
    } else if (performance.now() - first.atMs > SAME_KEYSTROKE_MS) {
      for (const { pid } of stack?.processes() ?? []) sendSignal(pid, 'SIGKILL');
    }
  }

  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    signal: abort.signal,
    received,
    exitCode: () => 128 + constants.signals[first?.signal ?? 'SIGINT'],
    killOnRepeat: (target) => (stack = target),
  };
}
