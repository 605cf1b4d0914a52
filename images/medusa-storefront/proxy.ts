import type { Context } from 'hono';
import { proxy } from 'hono/proxy';

/** Paths of the Medusa server: its APIs, its admin pages and the uploads of merchants. */
export const SERVER_PATHS = ['/app', '/admin', '/auth', '/store', '/hooks', '/static', '/storefront-key'] as const;

// Longer than the slowest request of a merchant (an import), but bounded, so that no connection stays open forever.
const TIMEOUT_MS = 120_000;

export interface ProxyTarget {
  readonly medusaUrl: string;
  readonly publicUrl: string;
}

/**
 * Returns a handler that proxies requests to the Medusa server, so that shop and admin share one address. It sets the forwarded
 * protocol and host from `publicUrl`. A request is aborted when its client disconnects, unless `isShared` is true because several
 * clients wait for the response.
 */
export function proxyRequest(options: ProxyTarget, { isShared = false }: { readonly isShared?: boolean } = {}) {
  const { protocol, host } = new URL(options.publicUrl);
  return async (c: Context): Promise<Response> => {
    const { pathname, search } = new URL(c.req.url);
    const headers = c.req.header();
    const limit = AbortSignal.timeout(TIMEOUT_MS);
    limit.addEventListener('abort', () => undefined); // AbortSignal.any holds it weakly, so Node 20 could collect it
    const response = await proxy(new URL(pathname + search, options.medusaUrl), {
      raw: c.req.raw,
      headers: { ...headers, 'x-forwarded-proto': protocol.slice(0, -1), 'x-forwarded-host': host },
      redirect: 'manual',
      signal: isShared ? limit : AbortSignal.any([c.req.raw.signal, limit]),
    });
    return response;
  };
}
