import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

/** Requests that a client sends at a constant rate to several API processes in turn. */
export interface SteadyTraffic {
  /** Sends requests to this process too. */
  add(url: string): void;
  /** Sends no more requests to this process, and waits until it has answered the open ones. */
  leave(url: string): Promise<void>;
  /**
   * Creates a store with the next request. Repeats it with the same key while the response is 503, as clients must. Returns the id of the
   * store, or undefined if it was not accepted.
   */
  create(): Promise<string | undefined>;
  /** Ends the traffic and waits for the open requests. */
  stop(): Promise<TrafficReport>;
}

export interface TrafficReport {
  /** Number of responses per HTTP status. */
  readonly statuses: Readonly<Record<number, number>>;
  /** Codes of the problems in the responses of 500 and above. */
  readonly problems: readonly string[];
  /** Requests without a response, each with its reason. */
  readonly lost: readonly string[];
  /** Ids of the stores whose creation was accepted. */
  readonly accepted: readonly string[];
}

/** Beyond this number of open requests, the client waits: a slow machine must not get ever more of them. */
const MAX_OPEN = 40;
const TIMEOUT_MS = 60_000;
const MAX_ATTEMPTS = 10;
const RETRY_AFTER_MS = 1_000;

/**
 * Starts to read stores.
 *
 * @param requestsPerSecond The highest rate. On a slow machine the rate is lower, because the number of open requests is bounded.
 */
export function startTraffic({ requestsPerSecond }: { readonly requestsPerSecond: number }): SteadyTraffic {
  const urls: string[] = [];
  const statuses: Record<number, number> = {};
  const problems: string[] = [];
  const lost: string[] = [];
  const accepted: string[] = [];
  const open = new Map<Promise<unknown>, string>();
  let sent = 0;

  /** Sends a request to the next process, and counts its response. Returns the response with its whole body, or undefined. */
  function send(path: string, init: RequestInit = {}): Promise<Answer | undefined> {
    const url = urls[sent % urls.length] ?? '';
    sent += 1;
    const answer = answerOf(`${url}${path}`, init)
      .catch((error: unknown) => {
        // Not `instanceof Error`: the error comes from another realm in a test of Jest.
        const { cause = error } = error as { readonly cause?: unknown };
        lost.push(`${init.method ?? 'GET'} ${path}: ${String(cause)}`);
        return undefined;
      })
      .finally(() => open.delete(answer));
    open.set(answer, url);
    return answer;
  }

  async function answerOf(url: string, init: RequestInit): Promise<Answer> {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), ...init });
    const body: unknown = await response.json();
    statuses[response.status] = (statuses[response.status] ?? 0) + 1;
    if (response.status >= 500) problems.push(String((body as { readonly code?: unknown }).code));
    return { status: response.status, body };
  }

  function read(): void {
    if (urls.length === 0 || open.size >= MAX_OPEN) return;
    const newest = accepted.at(-1);
    void send(newest === undefined || sent % 2 === 0 ? '/api/stores' : `/api/stores/${newest}`);
  }

  async function create(): Promise<string | undefined> {
    const request = {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      body: JSON.stringify({ name: 'Acme', engine: 'woocommerce' }),
    };
    let answer = await send('/api/stores', request);
    for (let attempt = 1; answer?.status === 503 && attempt < MAX_ATTEMPTS; attempt += 1) {
      await delay(RETRY_AFTER_MS);
      answer = await send('/api/stores', request);
    }
    if (answer?.status !== 202) return undefined;
    const { storeId } = answer.body as { storeId: string };
    accepted.push(storeId);
    return storeId;
  }

  const timer = setInterval(read, 1_000 / requestsPerSecond);
  return {
    add: (url) => void urls.push(url),
    leave: async (url) => {
      urls.splice(urls.indexOf(url), 1);
      await Promise.all([...open].flatMap(([answer, to]) => (to === url ? [answer] : [])));
    },
    create,
    stop: async () => {
      clearInterval(timer);
      await Promise.all(open.keys());
      return { statuses, problems, lost, accepted };
    },
  };
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}
