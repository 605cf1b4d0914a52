import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** The API logs the link just before it logs that it listens, and it is ready a moment earlier. */
const DEADLINE_MS = 5_000;
const INTERVAL_MS = 50;

/** Returns the link with which the first operator is created from the log of an API that has started, or undefined if it logged none. */
export async function readSetupUrl(logFile: string): Promise<string | undefined> {
  for (const startedAtMs = Date.now(); Date.now() < startedAtMs + DEADLINE_MS; await delay(INTERVAL_MS)) {
    const log = await readFile(logFile, 'utf8');
    if (log.includes('the API is listening')) return /"setupUrl":"([^"]+)"/.exec(log)?.[1];
  }
  return undefined;
}
