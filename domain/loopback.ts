/** Returns whether a host name or address, as in HOST or in a URL, always stands for this machine. */
export function isLoopback(host: string): boolean {
  return isLoopbackHost(host) || host.toLowerCase().endsWith('.localhost');
}

/** Like `isLoopback`, but without the names below `.localhost`: the stores of this machine have such names. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replaceAll(/^\[|\]$/g, '');
  return name === 'localhost' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name);
}
