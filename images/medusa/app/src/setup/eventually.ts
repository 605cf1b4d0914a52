import { setTimeout as sleep } from 'node:timers/promises';

const INTERVAL_MS = 250;

/**
 * Pods of a new store start in any order: what one of them needs of another is tried until it is there.
 *
 * @throws Error with the last cause when it does not succeed in time.
 */
export async function eventually<T>(seconds: number, what: string, attempt: () => Promise<T>): Promise<T> {
  const end = Date.now() + seconds * 1_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw new Error(`${what}: ${messageOf(error)}`);
      await sleep(INTERVAL_MS);
    }
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
