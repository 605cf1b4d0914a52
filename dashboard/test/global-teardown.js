import stopStack from '../../test/harness/stack/global-teardown.js';

/** Stops the platform and the browser of the run, and then the stack. */
// oxlint-disable-next-line import/no-default-export -- Jest's contract
export default async function tearDown() {
  const host = globalThis.browserTestHost;
  if (host !== undefined && host.exitCode === null && host.signalCode === null) {
    const ended = new Promise((resolve) => host.once('exit', resolve));
    host.ref();
    host.disconnect();
    await ended;
  }
  await stopStack();
}
