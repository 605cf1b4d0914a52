/** Stops the stack of the run and waits until its processes have ended and its folder is deleted. */
// oxlint-disable-next-line import/no-default-export -- Jest's contract
export default async function tearDown() {
  const host = globalThis.testStackHost;
  if (host === undefined || host.exitCode !== null || host.signalCode !== null) return;
  const ended = new Promise((resolve) => host.once('exit', resolve));
  host.ref();
  host.disconnect();
  await ended;
}
