// Plain JavaScript: Jest loads this file itself, before any transform is in place.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const HOST = fileURLToPath(new URL('./stack-host.ts', import.meta.url));

/**
 * Starts the one stack that all `*.stack.test.ts` of a run share, in a process of its own: it stops the stack and removes its
 * folder as soon as this process is gone, however it went.
 */
// oxlint-disable-next-line import/no-default-export -- Jest's contract
export default async function setUp() {
  const host = spawn(process.execPath, ['--import', 'tsx', HOST], {
    // A group of its own: Ctrl-C must not hit the host before it has stopped what it started.
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const message = await new Promise((resolve, reject) => {
    host.once('message', resolve);
    host.once('error', reject);
    host.once('exit', (code) => reject(new Error(`the test stack ended with code ${code} before it was up`)));
  });
  if (message.kind !== 'ready') throw new Error(`the test stack did not start: ${message.reason}`);
  // oxlint-disable-next-line node/no-process-env -- workers inherit it
  process.env.STORE_PLATFORM_TEST_STACK = JSON.stringify(message.env);
  globalThis.testStackHost = host;
  host.unref();
  host.channel?.unref();
}
