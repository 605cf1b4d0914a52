import { readText } from '../../domain/bounded-response.ts';
import { timeLimit } from '../../domain/time-limit.ts';

/** A health page is short. Another program on the port may send anything. */
const MAX_BYTES = 65_536;
const SHOWN_CHARACTERS = 300;

/**
 * Requests the health page of a program.
 *
 * @param timeoutMs Time for the answer. Default: only the signal ends the request.
 * @throws Error with the status and the beginning of the body when the status is not 2xx; the error of `fetch` without an answer.
 */
export async function requireOk(url: string, signal: AbortSignal, timeoutMs?: number): Promise<void> {
  const limit = timeoutMs === undefined ? signal : AbortSignal.any([signal, timeLimit(timeoutMs)]);
  const response = await fetch(url, { signal: limit });
  const body = await readText(response, MAX_BYTES);
  if (!response.ok) throw new Error(`${url} returned ${response.status} ${body.slice(0, SHOWN_CHARACTERS)}`.trimEnd());
}
