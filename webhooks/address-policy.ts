import { lookup as lookupHost } from 'node:dns/promises';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** IPv6 has more special ranges than `ipaddr.js` knows. Addresses of the public Internet are in this one. */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');
const LOOKUP_MS = 2_000;

/** An address to which the platform may not connect. */
export class RefusedAddress extends Error {
  override readonly name = 'RefusedAddress';
  readonly code = 'REFUSED_ADDRESS';
}

/**
 * Decides to which addresses webhooks may connect. Tenants choose the URLs, so no URL may lead to a service inside the
 * network of the platform.
 */
export interface AddressPolicy {
  /** Returns why the platform may not connect to an IP address, or undefined if it may. */
  problemOf(connection: {
    readonly address: string;
    readonly protocol: string;
    readonly port: number;
  }): string | undefined;
  /**
   * Returns why a URL cannot be the address of a webhook, or undefined if it can. A host name without an address is
   * accepted: its record may not exist yet, and each connection is checked again.
   */
  problemOfUrl(url: string): Promise<string | undefined>;
}

/** Returns the addresses of a host name. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

/**
 * Creates the policy: public addresses, by https, at port 443. In the allowed networks, also other addresses, http and
 * all ports.
 *
 * @param allowedNetworks Networks in CIDR notation.
 */
export function createAddressPolicy(
  allowedNetworks: readonly string[],
  resolve: Resolve = resolveWithDns,
): AddressPolicy {
  const networks = allowedNetworks.map((network) => ipaddr.parseCIDR(network));

  function isAllowed(address: Address): boolean {
    return networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
  }

  function problemOf({ address, protocol, port }: Parameters<AddressPolicy['problemOf']>[0]): string | undefined {
    if (!ipaddr.isValid(address)) return 'its host is not an address';
    // Converts IPv4 addresses in the form of IPv6, such as ::ffff:127.0.0.1.
    const parsed = ipaddr.process(address);
    if (isAllowed(parsed)) return undefined;
    if (!isPublic(parsed)) return 'its address is not public';
    if (protocol !== 'https:') return 'it must begin with https://';
    return port === 443 ? undefined : 'its port must be 443';
  }

  async function problemOfUrl(text: string): Promise<string | undefined> {
    if (!URL.canParse(text)) return 'it is not a URL';
    const url = new URL(text);
    const { protocol, username, password, hash } = url;
    if (protocol !== 'https:' && protocol !== 'http:') return 'it must begin with https://';
    if (username !== '' || password !== '') return 'it must have no user name and no password';
    if (hash !== '') return 'it must have no fragment';
    const hostname = withoutBrackets(url.hostname);
    const port = portOf(url);
    const addresses = isIP(hostname) > 0 ? [hostname] : await resolve(hostname);
    for (const address of addresses) {
      const problem = problemOf({ address, protocol, port });
      if (problem !== undefined) return problem;
    }
    if (addresses.length > 0) return undefined;
    // Without an address, only the rules of public receivers can apply.
    if (protocol !== 'https:') return 'it must begin with https://';
    return port === 443 ? undefined : 'its port must be 443';
  }

  return { problemOf, problemOfUrl };
}

function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4' || address.match(...GLOBAL_UNICAST);
}

export function portOf({ protocol, port }: Pick<URL, 'protocol' | 'port'>): number {
  if (port !== '') return Number(port);
  return protocol === 'http:' ? 80 : 443;
}

/** The host name in the URL of an IPv6 address has brackets. */
export function withoutBrackets(hostname: string): string {
  return hostname.replaceAll(/^\[|\]$/g, '');
}

async function resolveWithDns(hostname: string): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly string[]>((resolve) => {
    timer = setTimeout(() => resolve([]), LOOKUP_MS);
  });
  try {
    return await Promise.race([addressesOf(hostname), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function addressesOf(hostname: string): Promise<readonly string[]> {
  try {
    return (await lookupHost(hostname, { all: true })).map(({ address }) => address);
  } catch {
    return [];
  }
}
