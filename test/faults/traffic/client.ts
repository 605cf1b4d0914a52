import { setTimeout as delay } from 'node:timers/promises';
import { storeIdFor } from '../../../api/stores/idempotency.ts';
import type { StoreResource } from '../../../domain/store/store.ts';
import { isAccepted, statusOf, storeIn, type Call, type CallKind, type History } from './history.ts';
import type { Act, StoreScript } from './traffic.ts';

/** A caller of the API that does as callers are told to: repeats what got no answer or a 503, under the same key. */
export interface StoreClient {
  create(script: Pick<StoreScript, 'key' | 'name' | 'engine'>): Promise<Call>;
  act(storeId: string, kind: Exclude<CallKind, 'create'>): Promise<Call>;
  /** Waits until no operation runs on the store; undefined when that takes too long. */
  settle(storeId: string): Promise<StoreResource | undefined>;
  /** Works through the life of a store. */
  live(script: StoreScript): Promise<void>;
}

/** The caller whom the API assumes as long as nobody logs in. */
const TENANT = 'default-user';
const CALL_TIMEOUT_MS = 10_000;
const REPEAT_AFTER_MS = 400;
const POLL_MS = 250;

export function storeIdOfKey(key: string): string {
  return storeIdFor(TENANT, key);
}

/**
 * @param untilMs When clients give up waiting; what was accepted is judged afterwards all the same.
 */
export function openClient(options: {
  readonly url: string;
  readonly history: History;
  readonly untilMs: () => number;
}): StoreClient {
  const { url, history, untilMs } = options;

  async function send(
    kind: CallKind,
    storeId: string,
    request: RequestInit & { path: string; key?: string },
  ): Promise<Call> {
    const { path, key, ...init } = request;
    const beganAtMs = Date.now();
    let answer: Call['answer'];
    try {
      const response = await fetch(`${url}${path}`, { ...init, signal: AbortSignal.timeout(CALL_TIMEOUT_MS) });
      const body: unknown = await response.json();
      answer = { kind: 'answered', status: response.status, body, retryAfter: response.headers.get('retry-after') };
    } catch (error) {
      answer = {
        kind: 'lost',
        why:
          error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error),
      };
    }
    const call: Call = {
      kind,
      storeId,
      ...(key === undefined ? {} : { key }),
      beganAtMs,
      endedAtMs: Date.now(),
      answer,
    };
    history.add(call);
    return call;
  }

  /** Until there is an answer that is worth more than "try again". */
  async function insist(once: () => Promise<Call>): Promise<Call> {
    for (;;) {
      const call = await once();
      const status = statusOf(call);
      if ((status !== undefined && status < 500) || Date.now() >= untilMs()) return call;
      await delay(REPEAT_AFTER_MS);
    }
  }

  function create({ key, name, engine }: Pick<StoreScript, 'key' | 'name' | 'engine'>): Promise<Call> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': key };
    const body = JSON.stringify({ name, engine });
    return insist(() => send('create', storeIdOfKey(key), { path: '/api/stores', method: 'POST', headers, body, key }));
  }

  function act(storeId: string, kind: Exclude<CallKind, 'create'>): Promise<Call> {
    const path = `/api/stores/${storeId}`;
    if (kind === 'get') return send(kind, storeId, { path });
    if (kind === 'events') return send(kind, storeId, { path: `${path}/events` });
    if (kind === 'delete') return insist(() => send(kind, storeId, { path, method: 'DELETE' }));
    return insist(() => send(kind, storeId, { path: `${path}/${kind}`, method: 'POST' }));
  }

  async function settle(storeId: string): Promise<StoreResource | undefined> {
    while (Date.now() < untilMs()) {
      const store = storeIn(await act(storeId, 'get'));
      if (store !== undefined && store.operation === null && store.status !== 'requested') return store;
      await delay(POLL_MS);
    }
    return undefined;
  }

  async function perform(storeId: string, step: Act): Promise<boolean> {
    if (step.kind === 'settle') return (await settle(storeId)) !== undefined;
    if (step.kind === 'pause') await delay(step.ms);
    else await act(storeId, step.kind);
    return true;
  }

  async function live(script: StoreScript): Promise<void> {
    const answers = await Promise.all(Array.from({ length: script.copies }, () => create(script)));
    if (!answers.some(isAccepted)) return;
    for (const step of script.acts) if (!(await perform(storeIdOfKey(script.key), step))) return;
  }

  return { create, act, settle, live };
}
