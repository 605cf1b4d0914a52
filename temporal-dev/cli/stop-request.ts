import { constants } from 'node:os';
import { sendSignal } from '../processes/process-identity.ts';
import type { ProcessStatus } from '../processes/supervisor.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** npm passes on the Ctrl-C that the terminal has sent to all: two within this time are one. */
const ONE_KEYSTROKE_MS = 1_000;

/** The wish to stop, from Ctrl-C, `kill` or a terminal that is closed. */
export interface StopRequest {
  readonly signal: AbortSignal;
  /** Resolves when the wish comes. */
  readonly received: Promise<undefined>;
  /** As shells expect it of a program that a signal ended. */
  exitCode(): number;
  /** Whose processes are killed when the wish is repeated. */
  onHurry(stack: { processes(): readonly ProcessStatus[] }): void;
}

/** Listens for the wish to stop, from now on to the end of the process. */
export function createStopRequest(print: (text: string) => void): StopRequest {
  const abort = new AbortController();
  let stack: { processes(): readonly ProcessStatus[] } | undefined;
  let first: { readonly signal: NodeJS.Signals; readonly atMs: number } | undefined;
  let resolveReceived: (value: undefined) => void;
  const received = new Promise<undefined>((resolve) => (resolveReceived = resolve));

  function onSignal(signal: NodeJS.Signals): void {
    if (first === undefined) {
      first = { signal, atMs: performance.now() };
      print('\nStopping ... (Ctrl-C again to kill what is left)');
      abort.abort();
      resolveReceived(undefined);
    } else if (performance.now() - first.atMs > ONE_KEYSTROKE_MS) {
      for (const { pid } of stack?.processes() ?? []) sendSignal(pid, 'SIGKILL');
    }
  }

  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    signal: abort.signal,
    received,
    exitCode: () => 128 + constants.signals[first?.signal ?? 'SIGINT'],
    onHurry: (target) => (stack = target),
  };
}
