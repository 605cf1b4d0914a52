import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';

/** The fault of the next request whose `METHOD /path` starts with a prefix. */
export type Fault =
  | { readonly kind: 'answer'; readonly status: number; readonly body: unknown }
  /** A gateway responds instead of the store, like an ingress without a route to the store. */
  | { readonly kind: 'gateway'; readonly status: 502 | 503 | 504 }
  /** The server sends no response until the client disconnects. */
  | { readonly kind: 'hang' }
  /** The server processes the request but sends no response. */
  | { readonly kind: 'lose-answer' };

export interface FakeShopServer {
  readonly url: string;
  /** `METHOD /path` of every request so far, without the query string. */
  readonly requests: readonly string[];
  /** Address, headers and body of every request so far. */
  readonly received: readonly string[];
  failNext(prefix: string, fault: Fault): void;
  stop(): Promise<void>;
}

/** Serves a fake shop on a free port of the loopback interface. `failNext` adds a fault. */
export async function serveFakeShop(
  shop: Hono,
  /** Certificate and key in PEM, for https. */
  tls?: { readonly cert: string; readonly key: string },
): Promise<FakeShopServer> {
  const requests: string[] = [];
  const received: string[] = [];
  const faults = new Map<string, Fault>();
  const app = new Hono();
  app.use(async (c, next) => {
    const request = `${c.req.method} ${c.req.path}`;
    requests.push(request);
    received.push(JSON.stringify([c.req.url, c.req.header(), await c.req.raw.clone().text()]));
    const prefix = [...faults.keys()].find((candidate) => request.startsWith(candidate));
    const fault = prefix === undefined ? undefined : faults.get(prefix);
    if (prefix === undefined || fault === undefined) return next();
    faults.delete(prefix);
    if (fault.kind === 'answer') return Response.json(fault.body, { status: fault.status });
    if (fault.kind === 'gateway')
      return new Response('No store is available at this address.', { status: fault.status });
    if (fault.kind === 'lose-answer') await next();
    return new Promise<Response>((resolve) => {
      c.req.raw.signal.addEventListener('abort', () => resolve(new Response(null, { status: 499 })));
    });
  });
  app.route('/', shop);
  const server = createAdaptorServer({
    fetch: app.fetch,
    ...(tls === undefined ? {} : { createServer: createHttpsServer, serverOptions: tls }),
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  async function stop(): Promise<void> {
    const closed = once(server, 'close');
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
    await closed;
  }

  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    requests,
    received,
    failNext: (prefix, fault) => void faults.set(prefix, fault),
    stop,
  };
}
