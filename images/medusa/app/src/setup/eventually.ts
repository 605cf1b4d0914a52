import { setTimeout as sleep } from 'node:timers/promises';

const INTERVAL_MS = 250;

/**
 * Retries `attempt` every 250 ms until it succeeds. The pods of a new store start in any order, so each waits for the others.
 *
 * @throws Error with `problem` and the last cause when no attempt succeeds within `seconds`.
 */
export async function eventually<T>(seconds: number, problem: string, attempt: () => Promise<T>): Promise<T> {
  const end = Date.now() + seconds * 1_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw new Error(`${problem}: ${messageOf(error)}`);
      await sleep(INTERVAL_MS);
    }
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
