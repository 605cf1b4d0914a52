// Plain JavaScript: Jest loads this file before it sets up its transforms.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const HOST = fileURLToPath(new URL('./stack-host.ts', import.meta.url));

/**
 * Starts the one stack that all `*.stack.test.ts` files of a run share, in a separate process. That process stops the stack and
 * deletes its folder as soon as this process ends, even if it is killed.
 */
// oxlint-disable-next-line import/no-default-export -- Jest's contract
export default async function setUp() {
  const host = spawn(process.execPath, ['--import', 'tsx', HOST], {
    // A separate process group: Ctrl-C must not end the host before it has stopped its services.
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const message = await new Promise((resolve, reject) => {
    host.once('message', resolve);
    host.once('error', reject);
    host.once('exit', (code) => reject(new Error(`the test stack ended with code ${code} before it was ready`)));
  });
  if (message.kind !== 'ready') throw new Error(`the test stack did not start: ${message.reason}`);
  // oxlint-disable-next-line node/no-process-env -- workers inherit it
  process.env.STORE_PLATFORM_TEST_STACK = JSON.stringify(message.env);
  globalThis.testStackHost = host;
  host.unref();
  host.channel?.unref();
}
