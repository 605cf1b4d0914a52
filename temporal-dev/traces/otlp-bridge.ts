import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { timeLimit } from '../../domain/time-limit.ts';
import { OtlpTraces, toZipkin } from './otlp-to-zipkin.ts';

const ZIPKIN_TIMEOUT_MS = 5_000;

export interface OtlpBridge {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT, with `http/json` as the protocol. */
  readonly url: string;
  close(): Promise<void>;
}

/** Receives traces by OTLP over HTTP in JSON, and sends them to Zipkin, which does not understand OTLP. */
export async function startOtlpBridge(options: {
  readonly port: number;
  readonly zipkinUrl: string;
}): Promise<OtlpBridge> {
  const server = createServer((request, response) => void respond(request, response, options.zipkinUrl));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${options.port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function respond(request: IncomingMessage, response: ServerResponse, zipkinUrl: string): Promise<void> {
  if (request.method !== 'POST' || request.url !== '/v1/traces') return void response.writeHead(404).end();
  const body = OtlpTraces.safeParse(await json(request).catch(() => undefined));
  if (!body.success) return void response.writeHead(400).end();
  // On 503, the sender tries again: Zipkin may still be starting.
  const status = (await isAccepted(toZipkin(body.data), zipkinUrl)) ? 200 : 503;
  response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
}

async function isAccepted(spans: ReturnType<typeof toZipkin>, zipkinUrl: string): Promise<boolean> {
  try {
    const { ok } = await fetch(`${zipkinUrl}/api/v2/spans`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(spans),
      signal: timeLimit(ZIPKIN_TIMEOUT_MS),
    });
    return ok;
  } catch {
    return false;
  }
}
