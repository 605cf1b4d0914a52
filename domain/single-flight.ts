/**
 * Lets equal calls that are under way at the same time share one execution. A call that comes after the end runs anew:
 * nothing is remembered.
 */
export function singleFlight<T>(): (key: string, work: () => Promise<T>) => { result: Promise<T>; shared: boolean } {
  const underWay = new Map<string, Promise<T>>();
  return (key, work) => {
    const running = underWay.get(key);
    if (running !== undefined) return { result: running, shared: true };
    const result = work().finally(() => underWay.delete(key));
    underWay.set(key, result);
    return { result, shared: false };
  };
}
