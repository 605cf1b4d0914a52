import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { setting } from './environment';

const CONNECT_MS = 3_000;
const RETRY_MS = 500;
/** Two seconds without Redis. A container restart in the same pod takes less. */
const MAX_FAILURES = 4;

/** Connects to Redis once. @throws Error when Redis accepts no connection within three seconds. */
export async function reachRedis(): Promise<void> {
  const url = new URL(setting('REDIS_URL'));
  const socket = connect({ host: url.hostname, port: Number(url.port || 6379) });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_MS) });
  } finally {
    socket.destroy();
  }
}

/** Resolves when Redis has been unreachable for two seconds. */
export async function waitUntilRedisIsGone(): Promise<void> {
  for (let failures = 0; failures < MAX_FAILURES;) {
    await sleep(RETRY_MS);
    failures = await reachRedis().then(
      () => 0,
      () => failures + 1,
    );
  }
}
