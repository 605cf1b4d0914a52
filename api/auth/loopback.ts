/** Whether a host name or address, as in HOST or an URL, can only mean this machine. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replaceAll(/^\[|\]$/g, '');
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name);
}

/** @throws Error when the API would be reachable from other machines: without authentication, anyone could use it. */
export function assertLoopback(host: string): void {
  if (isLoopback(host)) return;
  throw new Error(
    `HOST=${host} would open the API to other machines, and it has no authentication yet; use HOST=127.0.0.1`,
  );
}
