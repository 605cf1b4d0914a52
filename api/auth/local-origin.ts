import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { isLoopbackHost } from '../../domain/loopback.ts';
import type { AppEnv } from '../app-env.ts';
import { isRead } from '../middleware/read-methods.ts';
import { Problem } from '../problems/problem.ts';

/** Values of `Sec-Fetch-Site` with which a change is allowed. `none`: the user caused the request, not a page. */
const OWN_SITES = new Set(['same-origin', 'none']);

/**
 * Returns a middleware that rejects the requests of foreign web pages. The loopback address excludes other machines, but not
 * the pages in a browser on this machine. Clients other than browsers send no `Origin` and are not affected.
 *
 * - `Host` must name this machine, with the port of the API or none, or one of `allowedOrigins`. A page whose name an
 *   attacker resolves to 127.0.0.1 (DNS rebinding) sends its own name, and could otherwise read everything.
 * - `Origin` of a change must be the origin of the API itself. The pages of stores are at `*.localhost` by default: they
 *   are of another origin, but of the same machine.
 *
 * - Pages of `corsOrigins` may send changes too, but only with a token: a browser sends a cookie by itself, but never a token.
 *
 * @param allowedOrigins Other origins at which clients reach the API, such as `http://localhost:8080` for a port forward.
 * @param corsOrigins Origins of other pages that use the API.
 * @throws Problem HOST_NOT_ALLOWED or ORIGIN_REFUSED
 */
export function localOrigin(allowedOrigins: readonly string[] = [], corsOrigins: readonly string[] = []) {
  const allowed = allowedOrigins.map((origin) => new URL(origin));
  return createMiddleware<AppEnv>(async (c, next) => {
    const host = hostOf(c);
    const origins = allowed.filter((origin) => origin.host === host?.host).map(({ origin }) => origin);
    if (host !== undefined && isLoopbackHost(host.hostname) && isOwnPort(c, host.port)) origins.push(host.origin);
    if (origins.length === 0) {
      throw new Problem(
        'HOST_NOT_ALLOWED',
        'The Host header does not name this API. Send the request to 127.0.0.1, or add the address to ALLOWED_ORIGINS.',
      );
    }
    if (!isRead(c.req.method) && !isOwnPage(c, origins) && !isPageWithToken(c, corsOrigins)) {
      throw new Problem('ORIGIN_REFUSED', 'A page that is not served from the origin of the API cannot change stores.');
    }
    await next();
  });
}

/** Returns the address in the Host header as a URL, or undefined when it is not an address. */
function hostOf(c: Context<AppEnv>): URL | undefined {
  const url = `http://${c.req.header('host') ?? new URL(c.req.url).host}`;
  if (!URL.canParse(url)) return undefined;
  const parsed = new URL(url);
  // `new URL` also accepts a user name or a path in the place of the host.
  return parsed.href === `${parsed.origin}/` ? parsed : undefined;
}

/** Returns whether a port is the one on which the API listens. An empty port is: a proxy on this machine may drop it. */
function isOwnPort(c: Context<AppEnv>, port: string): boolean {
  if (port === '') return true;
  // Tests call the application without a socket.
  const bindings = c.env as Partial<HttpBindings> | undefined;
  return port === String(bindings?.incoming?.socket.localPort);
}

function isOwnPage(c: Context<AppEnv>, origins: readonly string[]): boolean {
  const origin = c.req.header('origin');
  const site = c.req.header('sec-fetch-site');
  return (origin === undefined || origins.includes(origin)) && (site === undefined || OWN_SITES.has(site));
}

function isPageWithToken(c: Context<AppEnv>, origins: readonly string[]): boolean {
  const origin = c.req.header('origin');
  return origin !== undefined && origins.includes(origin) && /^bearer \S/i.test(c.req.header('authorization') ?? '');
}
