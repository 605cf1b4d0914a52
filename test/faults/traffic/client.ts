import { setTimeout as delay } from 'node:timers/promises';
import { storeIdFor } from '../../../api/stores/idempotency.ts';
import type { Store } from '../../../api/contract/store.ts';
import { isAccepted, isRateLimited, storeIn, type Call, type CallKind, type History } from './history.ts';
import type { ClientStep, StoreScript } from './traffic.ts';

/**
 * A client of the API that repeats a request after a 5xx or a lost response, with the same key. It does so sooner than `Retry-After`
 * says, because such clients exist. After too many requests it waits.
 */
export interface StoreClient {
  /** Returns the id of the store that a create with this `Idempotency-Key` makes. */
  storeIdOfKey(key: string): string;
  create(script: Pick<StoreScript, 'key' | 'name' | 'engine'>): Promise<Call>;
  request(storeId: string, kind: Exclude<CallKind, 'create'>): Promise<Call>;
  /** Waits until the store has no running operation. Returns undefined when the deadline passes first. */
  waitUntilIdle(storeId: string): Promise<Store | undefined>;
  /** Creates the store of a script and runs all of its steps. */
  runScript(script: StoreScript): Promise<void>;
}

/** The tenant that the API assumes, because its authentication is off. */
const TENANT = 'default-user';
const CALL_TIMEOUT_MS = 10_000;
const RETRY_AFTER_MS = 400;
const POLL_MS = 250;

/**
 * @param options.installation Id of the installation that the API belongs to.
 * @param options.deadlineMs Returns the time (epoch milliseconds) at which the client stops to wait and to retry. The checks
 * of the run still cover every request that the API accepted.
 */
export function openClient(options: {
  readonly url: string;
  readonly installation: string;
  readonly history: History;
  readonly deadlineMs: () => number;
}): StoreClient {
  const { url, installation, history, deadlineMs } = options;

  function storeIdOfKey(key: string): string {
    return storeIdFor({ installation, tenantId: TENANT, idempotencyKey: key });
  }

  async function send(
    kind: CallKind,
    storeId: string,
    init: RequestInit & { path: string; key?: string },
  ): Promise<Call> {
    const { path, key, ...fetchInit } = init;
    const startedAtMs = Date.now();
    let result: Call['result'];
    try {
      const response = await fetch(`${url}${path}`, { ...fetchInit, signal: AbortSignal.timeout(CALL_TIMEOUT_MS) });
      const body: unknown = await response.json();
      result = { kind: 'response', status: response.status, body, retryAfter: response.headers.get('retry-after') };
    } catch (error) {
      result = {
        kind: 'lost',
        reason:
          error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error),
      };
    }
    const call: Call = {
      kind,
      storeId,
      ...(key === undefined ? {} : { key }),
      startedAtMs,
      endedAtMs: Date.now(),
      result,
    };
    history.add(call);
    return call;
  }

  /** Repeats a request until the API has decided about it, or until the deadline. */
  async function retryUntilAnswered(attempt: () => Promise<Call>): Promise<Call> {
    for (;;) {
      const call = await attempt();
      const retryAfterMs = retryAfterMsOf(call);
      const remainingMs = deadlineMs() - Date.now();
      if (retryAfterMs === undefined || remainingMs <= 0) return call;
      await delay(Math.min(retryAfterMs, remainingMs));
    }
  }

  function create({ key, name, engine }: Pick<StoreScript, 'key' | 'name' | 'engine'>): Promise<Call> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': key };
    const body = JSON.stringify({ name, engine });
    return retryUntilAnswered(() =>
      send('create', storeIdOfKey(key), { path: '/api/stores', method: 'POST', headers, body, key }),
    );
  }

  function request(storeId: string, kind: Exclude<CallKind, 'create'>): Promise<Call> {
    const path = `/api/stores/${storeId}`;
    if (kind === 'get') return send(kind, storeId, { path });
    if (kind === 'events') return send(kind, storeId, { path: `${path}/events?limit=1000` });
    if (kind === 'delete') return retryUntilAnswered(() => send(kind, storeId, { path, method: 'DELETE' }));
    return retryUntilAnswered(() => send(kind, storeId, { path: `${path}/${kind}`, method: 'POST' }));
  }

  async function waitUntilIdle(storeId: string): Promise<Store | undefined> {
    while (Date.now() < deadlineMs()) {
      const store = storeIn(await request(storeId, 'get'));
      if (store !== undefined && store.operation === null && store.status !== 'requested') return store;
      await delay(POLL_MS);
    }
    return undefined;
  }

  async function runStep(storeId: string, step: ClientStep): Promise<boolean> {
    if (step.kind === 'waitUntilIdle') return (await waitUntilIdle(storeId)) !== undefined;
    if (step.kind === 'pause') await delay(step.ms);
    else await request(storeId, step.kind);
    return true;
  }

  async function runScript(script: StoreScript): Promise<void> {
    const creates = await Promise.all(Array.from({ length: script.copies }, () => create(script)));
    if (!creates.some(isAccepted)) return;
    for (const step of script.steps) if (!(await runStep(storeIdOfKey(script.key), step))) return;
  }

  return { storeIdOfKey, create, request, waitUntilIdle, runScript };
}

/** Returns after which time a client repeats a call. Undefined: the API has decided about it. */
function retryAfterMsOf(call: Call): number | undefined {
  if (call.result.kind === 'lost' || call.result.status >= 500) return RETRY_AFTER_MS;
  return isRateLimited(call) ? Number(call.result.retryAfter) * 1_000 : undefined;
}
