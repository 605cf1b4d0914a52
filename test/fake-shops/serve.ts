import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';

/** What happens to the next request whose `METHOD /path` starts with a prefix. */
export type Fault =
  | { readonly kind: 'answer'; readonly status: number; readonly body: unknown }
  /** What stands before the store answers in its place, as a front door that does not lead there yet. */
  | { readonly kind: 'gateway'; readonly status: 502 | 503 | 504 }
  /** Nothing is answered until the client goes. */
  | { readonly kind: 'hang' }
  /** The request is carried out, and its answer is lost. */
  | { readonly kind: 'lose-answer' };

export interface ContractServer {
  readonly url: string;
  /** `METHOD /path` of every request so far, without queries. */
  readonly requests: readonly string[];
  failNext(prefix: string, fault: Fault): void;
  stop(): Promise<void>;
}

/** Serves a store's documented HTTP contract on a free port of the loopback, with faults on demand. */
export async function serveContract(contract: Hono): Promise<ContractServer> {
  const requests: string[] = [];
  const faults = new Map<string, Fault>();
  const app = new Hono();
  app.use(async (c, next) => {
    const request = `${c.req.method} ${c.req.path}`;
    requests.push(request);
    const prefix = [...faults.keys()].find((candidate) => request.startsWith(candidate));
    const fault = prefix === undefined ? undefined : faults.get(prefix);
    if (prefix === undefined || fault === undefined) return next();
    faults.delete(prefix);
    if (fault.kind === 'answer') return Response.json(fault.body, { status: fault.status });
    if (fault.kind === 'gateway') return new Response('No store answers here.', { status: fault.status });
    if (fault.kind === 'lose-answer') await next();
    return new Promise<Response>((resolve) => {
      c.req.raw.signal.addEventListener('abort', () => resolve(new Response(null, { status: 499 })));
    });
  });
  app.route('/', contract);
  const server = createAdaptorServer({ fetch: app.fetch });
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
    url: `http://127.0.0.1:${port}`,
    requests,
    failNext: (prefix, fault) => void faults.set(prefix, fault),
    stop,
  };
}
