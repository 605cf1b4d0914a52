/**
 * Returns a function that runs concurrent calls with the same key once and gives all of them the same result. A call
 * after the end runs again: results are not cached. `shared` is true for a call that uses the execution of an earlier
 * one.
 */
export function singleFlight<T>(): (key: string, work: () => Promise<T>) => { result: Promise<T>; shared: boolean } {
  const inFlight = new Map<string, Promise<T>>();
  return (key, work) => {
    const running = inFlight.get(key);
    if (running !== undefined) return { result: running, shared: true };
    const result = work().finally(() => inFlight.delete(key));
    inFlight.set(key, result);
    return { result, shared: false };
  };
}
