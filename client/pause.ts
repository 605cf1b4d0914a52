/** Waits for `ms` milliseconds. Runs in Node and in browsers. @throws the reason of the signal, as soon as it is aborted. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    const stop = (): void => {
      clearTimeout(timer);
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- callers of `abort` choose the reason
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', stop, { once: true });
  });
}
