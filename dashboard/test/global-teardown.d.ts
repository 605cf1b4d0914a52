/** Stops the platform and the browser of the run, and then the stack. */
// oxlint-disable-next-line import/no-default-export -- Jest's contract
export default function tearDown(): Promise<void>;
