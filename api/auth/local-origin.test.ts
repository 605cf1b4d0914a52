import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fakeApi } from '../../test/harness/platform/fake-api.ts';
import { listen, type RunningServer } from '../server.ts';

const PUBLIC = 'https://api.example.com';
const FORWARDED = 'http://localhost:8080';

let api: ReturnType<typeof fakeApi>;
let server: RunningServer;
let port: string;
beforeEach(async () => {
  api = fakeApi({ allowedOrigins: [PUBLIC, FORWARDED] });
  server = await listen(api.app, { host: '127.0.0.1', port: 0 });
  ({ port } = new URL(server.url));
});
afterEach(() => server.close(0));

/** Sends a request with exactly these headers. `PORT` in a value stands for the port of the API. */
function send(method: 'GET' | 'POST', path: string, headers: Readonly<Record<string, string>>) {
  const sent = Object.entries(headers).map(([name, value]) => [name, value.replace('PORT', port)]);
  return new Promise<{ status: number | undefined; code: unknown }>((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method, path, headers: Object.fromEntries(sent), agent: false };
    request(options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode, code: codeIn(text) }));
    })
      .on('error', reject)
      .end();
  });
}

function codeIn(text: string): unknown {
  return (JSON.parse(text) as { code?: unknown }).code;
}

/** A POST that needs no body and no preflight. It reaches the handler when the answer is STORE_NOT_FOUND. */
const CANCEL = '/api/stores/00000000-0000-4000-8000-000000000000/cancel';
const ACCEPTED = { status: 404, code: 'STORE_NOT_FOUND' };
const ORIGIN_REFUSED = { status: 403, code: 'ORIGIN_REFUSED' };
const HOST_NOT_ALLOWED = { status: 421, code: 'HOST_NOT_ALLOWED' };

describe('the Host header', () => {
  test.each([
    '127.0.0.1:PORT',
    'localhost:PORT',
    'LOCALHOST:PORT',
    '[::1]:PORT',
    'localhost',
    'api.example.com',
    'localhost:8080',
  ])('%s is accepted', async (host) => {
    expect(await send('GET', '/api/stores', { host })).toEqual({ status: 200, code: undefined });
    expect(await send('POST', CANCEL, { host })).toEqual(ACCEPTED);
  });

  test.each([
    'rebind.example',
    'rebind.example:PORT',
    'acme-1a2b3c4d5e6f.localhost:PORT',
    'localhost.rebind.example:PORT',
    'localhost:1',
    '127.0.0.1.rebind.example',
    'api.example.com:444',
    'api.example.com.rebind.example',
    '0.0.0.0:PORT',
  ])('%s is rejected, also for reading', async (host) => {
    expect(await send('GET', '/api/stores', { host })).toEqual(HOST_NOT_ALLOWED);
    expect(await send('GET', '/api/orphans', { host })).toEqual(HOST_NOT_ALLOWED);
    expect(await send('POST', CANCEL, { host, origin: `http://${host}` })).toEqual(HOST_NOT_ALLOWED);
  });

  test('of any name is accepted by the health checks', async () => {
    expect(await send('GET', '/health/live', { host: 'probe.example' })).toMatchObject({ status: 200 });
  });
});

describe('a change', () => {
  test('is accepted from a client that sends no Origin', async () => {
    expect(await send('POST', CANCEL, { host: '127.0.0.1:PORT' })).toEqual(ACCEPTED);
  });

  test.each([
    ['127.0.0.1:PORT', 'http://127.0.0.1:PORT'],
    ['localhost:PORT', 'http://localhost:PORT'],
    ['localhost', 'http://localhost'],
    ['api.example.com', PUBLIC],
    ['localhost:8080', FORWARDED],
  ])('to %s is accepted from its own origin %s', async (host, origin) => {
    expect(await send('POST', CANCEL, { host, origin })).toEqual(ACCEPTED);
  });

  test.each([
    ['127.0.0.1:PORT', 'http://acme-1a2b3c4d5e6f.localhost:8480'],
    ['localhost:PORT', 'http://acme-1a2b3c4d5e6f.localhost:PORT'],
    ['localhost:PORT', 'http://localhost:8480'],
    ['localhost:PORT', 'http://localhost'],
    ['localhost:PORT', 'http://127.0.0.1:PORT'],
    ['localhost:PORT', 'https://localhost:PORT'],
    ['localhost:PORT', PUBLIC],
    ['api.example.com', 'http://api.example.com'],
    ['api.example.com', 'https://shop.example.com'],
    ['127.0.0.1:PORT', 'null'],
    ['127.0.0.1:PORT', ''],
  ])('to %s is rejected from the origin %j', async (host, origin) => {
    expect(await send('POST', CANCEL, { host, origin })).toEqual(ORIGIN_REFUSED);
    expect(await send('GET', '/api/stores', { host, origin })).toMatchObject({ status: 200 });
  });

  test.each([
    ['same-origin', ACCEPTED],
    ['none', ACCEPTED],
    ['same-site', ORIGIN_REFUSED],
    ['cross-site', ORIGIN_REFUSED],
    ['', ORIGIN_REFUSED],
  ])('with Sec-Fetch-Site %j has the right answer', async (site, answer) => {
    const headers = { host: '127.0.0.1:PORT', 'sec-fetch-site': site };
    expect(await send('POST', CANCEL, headers)).toEqual(answer);
    expect(await send('GET', '/api/stores', headers)).toMatchObject({ status: 200 });
  });
});
