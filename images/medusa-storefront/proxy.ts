import type { Context } from 'hono';
import { proxy } from 'hono/proxy';

/** Paths that belong to the Medusa server: its APIs, its admin pages and what merchants upload. */
export const SERVER_PATHS = ['/app', '/admin', '/auth', '/store', '/hooks', '/static', '/storefront-key'] as const;

// Longer than the slowest thing a merchant waits for (an import), so that no connection is held for ever.
const TIMEOUT_MS = 120_000;

export interface ProxyTarget {
  readonly medusaUrl: string;
  readonly publicUrl: string;
}

/**
 * Passes a request on, so that shop and admin share one address. `publicUrl` decides what the server takes for secure. It
 * ends with the customer who asked, unless others wait for the answer, too.
 */
export function proxyRequest(options: ProxyTarget, { isShared = false }: { readonly isShared?: boolean } = {}) {
  const { protocol, host } = new URL(options.publicUrl);
  return async (c: Context): Promise<Response> => {
    const { pathname, search } = new URL(c.req.url);
    const headers = c.req.header();
    const limit = AbortSignal.timeout(TIMEOUT_MS);
    limit.addEventListener('abort', () => undefined); // or Node 20 may collect it as garbage: `any` holds it weakly
    const response = await proxy(new URL(pathname + search, options.medusaUrl), {
      raw: c.req.raw,
      headers: { ...headers, 'x-forwarded-proto': protocol.slice(0, -1), 'x-forwarded-host': host },
      redirect: 'manual',
      signal: isShared ? limit : AbortSignal.any([c.req.raw.signal, limit]),
    });
    return response;
  };
}
