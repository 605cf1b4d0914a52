// Plain JavaScript: Jest loads this file before it sets up its transforms.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import startStack from '../../test/harness/stack/global-setup.js';

const HOST = fileURLToPath(new URL('./platform-host.ts', import.meta.url));

/** Starts the stack, and on it the platform and the browser that all `*.browser.test.ts` files of a run share. */
// oxlint-disable-next-line import/no-default-export -- Jest's contract
export default async function setUp() {
  await startStack();
  const host = spawn(process.execPath, ['--import', 'tsx', HOST], {
    // A separate process group: Ctrl-C must not end the host before it has stopped its processes.
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const message = await new Promise((resolve, reject) => {
    host.once('message', resolve);
    host.once('error', reject);
    host.once('exit', (code) => reject(new Error(`the platform ended with code ${code} before it was ready`)));
  });
  if (message.kind !== 'ready') throw new Error(`the platform did not start: ${message.reason}`);
  process.env.STORE_PLATFORM_BROWSER_TESTS = JSON.stringify(message.env);
  globalThis.browserTestHost = host;
  host.unref();
  host.channel?.unref();
}
