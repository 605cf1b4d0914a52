import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { METRICS_CONTENT_TYPE } from './registry.ts';

/** Returns the text of a metrics page. */
export type MetricsPage = () => Promise<string>;

export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves `GET /metrics`, and 404 for every other path.
 *
 * @throws Error in one sentence when the server cannot listen on the address.
 */
export async function serveMetrics({
  host,
  port,
  page,
  onError,
}: {
  readonly host: string;
  readonly port: number;
  readonly page: MetricsPage;
  /** Receives the error of a page that could not be created. */
  readonly onError: (error: unknown) => void;
}): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    if (request.url !== '/metrics' || request.method !== 'GET') {
      response.writeHead(404).end();
      return;
    }
    void respondWithMetrics(page, response, onError);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(error, host, port)));
    server.listen(port, host, resolve);
  });
  // A TCP server has this type of address.
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return { url: `http://${name}:${address.port}/metrics`, close: () => close(server) };
}

/** The part of a response that the page needs. */
interface PageResponse {
  writeHead(status: number, headers?: Record<string, string>): { end(body?: string): unknown };
}

/** Answers a request with the page, or with 500 if the page cannot be created. Never rejects. */
export async function respondWithMetrics(
  page: MetricsPage,
  response: PageResponse,
  onError: (error: unknown) => void,
): Promise<void> {
  try {
    const text = await page();
    response.writeHead(200, { 'content-type': METRICS_CONTENT_TYPE }).end(text);
  } catch (error) {
    onError(error);
    response.writeHead(500).end();
  }
}

async function close(server: Server): Promise<void> {
  // A scraper keeps its connection open between two requests.
  server.closeAllConnections();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
}

function cannotListen(error: Error, host: string, port: number): Error {
  const reason =
    'code' in error && error.code === 'EADDRINUSE'
      ? `port ${port} on ${host} is in use: stop the process that uses it, or set METRICS_PORT to another port`
      : `the metrics cannot be served on ${host}:${port}: ${error.message}. Check METRICS_HOST and METRICS_PORT`;
  return new Error(reason, { cause: error });
}
