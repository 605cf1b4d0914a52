import getPort from 'get-port';
import { chromium } from 'playwright-core';
import { chromiumOptions } from '../../test/harness/chromium.ts';
import { startApiProcess, startWorkerProcess } from '../../test/harness/platform/processes.ts';
import { TEST_WEBHOOK_ENV } from '../../test/harness/platform/webhooks.ts';
import { createDatabase, testStack } from '../../test/harness/stack/stack.ts';
import { createTemporalNamespace } from '../../test/harness/stack/temporal-namespace.ts';
import type { BrowserTestEnv } from './platform.ts';

/**
 * The process that owns the platform and the browser of a run of the browser tests: an API and a worker on the test stack, and one
 * Chromium. All test files share them. It stops everything when the process of the run ends.
 */

const closing: (() => Promise<unknown>)[] = [];

async function start(): Promise<BrowserTestEnv> {
  const [database, temporal] = await Promise.all([createDatabase(), createTemporalNamespace()]);
  closing.push(
    () => database.drop(),
    () => temporal.close(),
  );
  const platform = {
    ...testStack(),
    DATABASE_URL: database.url,
    TEMPORAL_NAMESPACE: temporal.namespace,
    AUTH: 'local',
    LOG_LEVEL: 'info',
    MAX_STREAMS_PER_CALLER: '100',
    // Receivers of webhooks run in the tests.
    ...TEST_WEBHOOK_ENV,
  };
  const debuggingPort = await getPort();
  const [api, worker, browser] = await Promise.all([
    startApiProcess(platform),
    startWorkerProcess(platform),
    chromium.launchServer({
      ...chromiumOptions(),
      host: '127.0.0.1',
      args: [`--remote-debugging-port=${debuggingPort}`],
    }),
  ]);
  closing.push(
    () => browser.close(),
    () => api.kill('SIGTERM'),
    () => worker.kill('SIGTERM'),
  );
  return { url: api.url, browserUrl: browser.wsEndpoint(), debuggingPort, platform };
}

const ended = new Promise<void>((resolve) => {
  process.once('disconnect', resolve);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve);
});
try {
  const env = await start();
  process.send?.({ kind: 'ready', env });
  await ended;
} catch (error) {
  process.send?.({ kind: 'failed', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  process.exitCode = 1;
} finally {
  for (const close of closing.toReversed()) await close().catch((error: unknown) => console.error(error));
  if (process.connected) process.disconnect();
}
