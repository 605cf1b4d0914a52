import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { AppEnv } from './app-env.ts';
import type { OpenAPIHono } from '@hono/zod-openapi';

/** A request that takes longer than this to arrive is not from a caller of ours. */
const REQUEST_TIMEOUT_MS = 30_000;

export interface RunningServer {
  readonly url: string;
  /** Accepts nothing new, lets requests under way be answered for up to `graceMs`, then cuts what is left. */
  close(graceMs: number): Promise<void>;
}

/** Serves the app. @throws Error in one sentence when the address can't be listened on. */
export async function listen(
  app: OpenAPIHono<AppEnv>,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<RunningServer> {
  const server = createAdaptorServer({
    fetch: app.fetch,
    createServer,
    serverOptions: { requestTimeout: REQUEST_TIMEOUT_MS },
  }) as Server; // The adaptor's type allows HTTP/2 as well; `createServer` above decides.
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(error, host, port)));
    server.listen(port, host, resolve);
  });
  // A TCP server has an address of this kind.
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return { url: `http://${name}:${address.port}`, close: (graceMs) => close(server, graceMs) };
}

async function close(server: Server, graceMs: number): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  clearTimeout(cut);
}

function cannotListen(error: Error, host: string, port: number): Error {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return new Error(`port ${port} on ${host} is taken: stop what uses it, or set PORT to another one`, {
      cause: error,
    });
  }
  if (code === 'EACCES') return new Error(`port ${port} needs more rights: set PORT above 1023`, { cause: error });
  return new Error(`can't listen on ${host}:${port}: ${error.message}`, { cause: error });
}
