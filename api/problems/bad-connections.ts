import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { problemKind, problemType, type ProblemCode } from './catalogue.ts';

/** The problems of connections whose bytes are no HTTP request. */
const DETAILS = {
  MALFORMED_REQUEST: 'The request cannot be read as HTTP/1.1.',
  REQUEST_TIMEOUT: 'The request did not arrive within the time limit.',
  HEADERS_TOO_LARGE: 'The request line and the headers together are larger than 16 KiB.',
} as const satisfies Partial<Record<ProblemCode, string>>;

/** Codes of Node's HTTP parser and of its timeouts. Every other error is MALFORMED_REQUEST. */
const CODES: Readonly<Record<string, keyof typeof DETAILS>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
};

/**
 * Answers requests that Node rejects before the application sees them with a problem, and closes their connections. The text
 * is always the same, because the bytes of such a request can be anything.
 */
export function answerBadConnections(server: Server): void {
  const responses = new WeakMap<Duplex, ServerResponse>();
  server.on('request', (request, response) => void responses.set(request.socket, response));
  server.on('clientError', (error: Error & { readonly code?: string }, socket) => {
    // A second response inside a response that has begun would be read as a part of it.
    const hasBegun = responses.get(socket)?.headersSent === true && responses.get(socket)?.writableFinished !== true;
    if (error.code === 'ECONNRESET' || !socket.writable || hasBegun) socket.destroy();
    else socket.end(rawResponse(CODES[error.code ?? ''] ?? 'MALFORMED_REQUEST'));
  });
}

/** Returns the response to a request that the adaptor of Hono cannot convert, such as one with an invalid Host header. */
export function malformedRequest(): Response {
  const { body, headers, status } = describe('MALFORMED_REQUEST');
  return new Response(body, { status, headers });
}

function rawResponse(code: keyof typeof DETAILS): string {
  const { body, headers, status } = describe(code);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', body].join('\r\n');
}

function describe(code: keyof typeof DETAILS) {
  const { status, title } = problemKind(code);
  const correlationId = randomUUID();
  const body = JSON.stringify({
    type: problemType(code),
    title,
    status,
    detail: DETAILS[code],
    code,
    instance: '/',
    correlationId,
  });
  const headers = {
    'Content-Type': 'application/problem+json',
    'Content-Length': String(Buffer.byteLength(body)),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'X-Correlation-ID': correlationId,
    Connection: 'close',
  };
  return { status, body, headers };
}
