/** Returns whether a host name or address, as in HOST or in a URL, always stands for this machine. */
export function isLoopback(host: string): boolean {
  return isLoopbackHost(host) || host.toLowerCase().endsWith('.localhost');
}

/** Like `isLoopback`, but without the names below `.localhost`: the stores of this machine have such names. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replaceAll(/^\[|\]$/g, '');
  return name === 'localhost' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name);
}

/**
 * Checks that only this machine can reach the API, because the API has no authentication yet.
 *
 * @throws Error when `host` is not a loopback address.
 */
export function assertLoopback(host: string): void {
  if (isLoopback(host)) return;
  throw new Error(
    `HOST=${host} would open the API to other machines, and the API has no authentication yet: set HOST=127.0.0.1`,
  );
}
