/** Starts the stack, and on it the platform and the browser that all `*.browser.test.ts` files of a run share. */
// oxlint-disable-next-line import/no-default-export -- Jest's contract
export default function setUp(): Promise<void>;
