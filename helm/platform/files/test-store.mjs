/** Creates a store through the API, waits until it is ready, checks its verification, and deletes it. Exits with 1 on a failure. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

const {
  API_URL: api,
  TOKEN: token,
  ENGINE: engine,
  TIMEOUT_SECONDS: timeout,
  REQUIRE_VERIFICATION: verification,
} = process.env;
const deadlineMs = Date.now() + Number(timeout) * 1_000;
const POLL_MS = 2_000;

async function call(method, path, body) {
  const response = await fetch(`${api}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}

/** Waits until no operation of the store runs, and requires its status. */
async function settled(id, status) {
  for (;;) {
    const store = await call('GET', `/api/stores/${id}`);
    if (store.operation === null) {
      if (store.status === status) return store;
      throw new Error(`the store is ${store.status}, not ${status}: ${JSON.stringify(store.failure)}`);
    }
    if (Date.now() > deadlineMs)
      throw new Error(`the store was not ${status} within ${timeout} s: it is ${store.status}`);
    await pause(POLL_MS);
  }
}

const { storeId } = await call('POST', '/api/stores', { name: 'Helm test', engine });
console.log(`created the store ${storeId}`);
let failed;
try {
  const store = await settled(storeId, 'ready');
  console.log(`the store is ready, its verification has the outcome ${store.verification?.outcome}`);
  if (verification === 'true' && store.verification?.outcome !== 'passed') {
    throw new Error(`the verification has not passed: ${JSON.stringify(store.verification)}`);
  }
} catch (error) {
  failed = error;
}
await call('DELETE', `/api/stores/${storeId}`);
await settled(storeId, 'deleted');
console.log('deleted the store');
if (failed !== undefined) throw failed;
