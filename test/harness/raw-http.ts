import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../../api/app-env.ts';
import { listen } from '../../api/server.ts';

/** Time limits of a server for tests of bytes that never become a request. */
export const SHORT_LIMITS = { headersTimeoutMs: 300, requestTimeoutMs: 600, timeoutCheckMs: 100 };

/** Sends bytes to a server, and returns its response when it has closed the connection. */
export async function exchange(url: string, bytes: string): Promise<Response> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(bytes, 'latin1');
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = new Headers(
    lines.map((line): [string, string] => [line.split(': ')[0] ?? '', line.split(': ')[1] ?? '']),
  );
  return new Response(body, { status: Number(statusLine.split(' ')[1]), headers });
}

/** Like `exchange`, with a server of its own for the application. */
export async function exchangeWith(app: OpenAPIHono<AppEnv>, bytes: string): Promise<Response> {
  const server = await listen(app, { host: '127.0.0.1', port: 0, limits: SHORT_LIMITS });
  try {
    return await exchange(server.url, bytes);
  } finally {
    await server.close(0);
  }
}
