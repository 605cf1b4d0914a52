import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import ipaddr from 'ipaddr.js';
import type { AppEnv } from '../app-env.ts';

/** Groups of an IPv6 address that identify a subscriber: 64 bits. A limit for each of the 2^64 addresses would be no limit. */
const NETWORK_GROUPS = 4;

/** Sets the address of the client of each request, and the key of the address for limits. */
export function identifyClient(trustedHops: number) {
  return createMiddleware<AppEnv>(async (c, next) => {
    const address = clientAddress(c, trustedHops);
    c.set('client', { address, limitKey: addressKey(address) });
    await next();
  });
}

/**
 * Returns the address of the client that sent a request: the address of the connection, or the entry of `X-Forwarded-For` that the
 * outermost trusted proxy added. Entries before it are from the client and can have any value.
 *
 * @param trustedHops Number of proxies in front of the API that add the address of their peer to the header.
 */
function clientAddress(c: Context, trustedHops: number): string {
  // Tests call the application without a socket.
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>;
  const peer = incoming?.socket.remoteAddress ?? '';
  return addressBehind(peer, c.req.header('x-forwarded-for'), trustedHops);
}

/** Returns the address behind a number of proxies. See `clientAddress`. */
export function addressBehind(peer: string, forwardedFor: string | undefined, trustedHops: number): string {
  const entries = (forwardedFor ?? '').split(',').map((entry) => entry.trim());
  const hops = [...entries.filter(Boolean), peer];
  // With fewer entries than proxies, the request did not pass all of them, and its header can have any value.
  const address = hops[hops.length - 1 - trustedHops] ?? peer;
  return ipaddr.isValid(address) ? address : peer;
}

/**
 * Returns the key of an address for limits: an IPv4 address itself, and the /64 network of an IPv6 address. An IPv4 address in
 * IPv6 form has the key of the IPv4 address.
 */
export function addressKey(address: string): string {
  if (!ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString();
  const network = new ipaddr.IPv6([...parsed.parts.slice(0, NETWORK_GROUPS), 0, 0, 0, 0]);
  return `${network.toString()}/64`;
}
