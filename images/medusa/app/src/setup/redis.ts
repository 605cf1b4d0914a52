import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { setting } from './environment';

const CONNECT_MS = 3_000;
const RETRY_MS = 500;
/** Two seconds without it: longer than a Redis needs that is started anew in the same pod. */
const MISSES = 4;

/** @throws Error when Redis takes no connection within three seconds. */
export async function reachRedis(): Promise<void> {
  const url = new URL(setting('REDIS_URL'));
  const socket = connect({ host: url.hostname, port: Number(url.port || 6379) });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_MS) });
  } finally {
    socket.destroy();
  }
}

/** Resolves once Redis has not been there for two seconds. */
export async function redisIsGone(): Promise<void> {
  for (let misses = 0; misses < MISSES;) {
    await sleep(RETRY_MS);
    misses = await reachRedis().then(
      () => 0,
      () => misses + 1,
    );
  }
}
