import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { AppEnv } from './app-env.ts';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { answerBadConnections, malformedRequest } from './problems/bad-connections.ts';

/** Time limit to receive the headers of a request. */
const HEADERS_TIMEOUT_MS = 10_000;
/** Time limit to receive a request. No client of the API needs longer. */
const REQUEST_TIMEOUT_MS = 30_000;
/** How often Node compares open requests with the time limits. Its default is as long as the limit itself. */
const TIMEOUT_CHECK_MS = 5_000;
/**
 * Longer than proxies keep an idle connection (nginx and AWS: 60 s, many others up to 75 s). Otherwise a proxy can send a request
 * at the moment at which the API closes the connection, and the client gets a 502.
 */
const KEEP_ALIVE_MS = 80_000;
/** Maximum size of the request line and all headers. */
const MAX_HEADER_BYTES = 16 * 1024;

export interface RunningServer {
  readonly url: string;
  /**
   * Accepts no new connections, answers running requests for up to `graceMs`, then closes the remaining connections.
   */
  close(graceMs: number): Promise<void>;
}

/** Limits of the server. Tests use shorter ones. */
export interface ServerLimits {
  readonly headersTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
  readonly timeoutCheckMs?: number;
}

/** Serves the application. @throws Error in one sentence when the server cannot listen on the address. */
export async function listen(
  app: OpenAPIHono<AppEnv>,
  { host, port, limits = {} }: { readonly host: string; readonly port: number; readonly limits?: ServerLimits },
): Promise<RunningServer> {
  const respond = getRequestListener(app.fetch, { errorHandler: malformedRequest });
  const server = createServer(
    {
      headersTimeout: limits.headersTimeoutMs ?? HEADERS_TIMEOUT_MS,
      requestTimeout: limits.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: limits.timeoutCheckMs ?? TIMEOUT_CHECK_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    (request, response) => void respond(request, response),
  );
  answerBadConnections(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(error, host, port)));
    server.listen(port, host, resolve);
  });
  // A TCP server has this type of address.
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return { url: `http://${name}:${address.port}`, close: (graceMs) => close(server, graceMs) };
}

async function close(server: Server, graceMs: number): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  clearTimeout(timer);
}

function cannotListen(error: Error, host: string, port: number): Error {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return new Error(`port ${port} on ${host} is in use: stop the process that uses it, or set PORT to another port`, {
      cause: error,
    });
  }
  if (code === 'EACCES')
    return new Error(`port ${port} requires more permissions: set PORT above 1023`, { cause: error });
  return new Error(`can't listen on ${host}:${port}: ${error.message}`, { cause: error });
}
