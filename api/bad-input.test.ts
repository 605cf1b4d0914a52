import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { fakeApi } from '../test/harness/platform/fake-api.ts';
import { exchange, SHORT_LIMITS } from '../test/harness/raw-http.ts';
import { ProblemDetails } from './contract/problem.ts';
import { listen, type RunningServer } from './server.ts';

const MEGABYTE = 1024 * 1024;
const ID = '00000000-0000-4000-8000-000000000000';
const JSON_WITH_KEY = { 'content-type': 'application/json', 'idempotency-key': 'k' };

let api: ReturnType<typeof fakeApi>;
let server: RunningServer;
let sockets: RunningServer;
beforeAll(async () => {
  sockets = await listen(fakeApi().app, { host: '127.0.0.1', port: 0, limits: SHORT_LIMITS });
});
beforeEach(async () => {
  api = fakeApi();
  server = await listen(api.app, { host: '127.0.0.1', port: 0 });
});
afterEach(() => server.close(0));
afterAll(() => sockets.close(0));

function create(body: string, headers: Record<string, string> = JSON_WITH_KEY) {
  return fetch(`${server.url}/api/stores`, { method: 'POST', headers, body });
}

/** Checks that a response is a problem of the code, and that it repeats nothing of the platform. */
async function expectProblem(response: Response, code: string): Promise<void> {
  const body = await response.text();
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const problem = ProblemDetails.parse(JSON.parse(body));
  expect(problem).toMatchObject({ code, status: response.status, correlationId: expect.any(String) });
  expect(problem.correlationId).toBe(response.headers.get('x-correlation-id'));
  expect(body).not.toMatch(/node_modules|\.ts\b|at \w+ \(|SyntaxError|TypeError|ZodError/);
}

/** JSON with a control or format character, which no editor must change. */
const named = (name: string, rest = '') => `{"name":"${name}","engine":"medusa"${rest}}`;
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

describe('a body', () => {
  test.each<[string, string, string]>([
    ['nothing', '', 'MALFORMED_JSON'],
    ['half of an object', '{"name":', 'MALFORMED_JSON'],
    ['text after the object', '{} {}', 'MALFORMED_JSON'],
    ['a comment', '{/* */}', 'MALFORMED_JSON'],
    ['NaN', '{"name":NaN}', 'MALFORMED_JSON'],
    ['an unknown escape', '{"name":"\\x41"}', 'MALFORMED_JSON'],
    ['a raw line break in a string', '{"name":"a\nb"}', 'MALFORMED_JSON'],
    ['a list', '[]', 'INVALID_REQUEST'],
    ['null', 'null', 'INVALID_REQUEST'],
    ['a huge number', '{"name":1e999,"engine":"medusa"}', 'INVALID_REQUEST'],
    ['lists in 33 levels', `{"name":${nested(32)},"engine":"medusa"}`, 'INVALID_REQUEST'],
    ['lists in 20,000 levels', nested(20_000), 'INVALID_REQUEST'],
    ['half of lists in 30,000 levels', '['.repeat(30_000), 'INVALID_REQUEST'],
    ['10 MB', named('x'.repeat(10 * MEGABYTE)), 'BODY_TOO_LARGE'],
    ['a field of the prototype', named('Acme', ',"__proto__":{"engine":"x"}'), 'INVALID_REQUEST'],
    ['a constructor', named('Acme', ',"constructor":{"prototype":{"x":1}}'), 'INVALID_REQUEST'],
    ['a field of another resource', named('Acme', ',"tenantId":"other","status":"ready"'), 'INVALID_REQUEST'],
    ['NUL in a name', named('a\\u0000b'), 'INVALID_REQUEST'],
    ['an escape character in a name', named('a\\u001b[31mb'), 'INVALID_REQUEST'],
    ['an override of the writing direction in a name', named('a\\u202eb'), 'INVALID_REQUEST'],
    ['an isolate of the writing direction in a name', named('a\\u2066b\\u2069'), 'INVALID_REQUEST'],
    ['a mark of the writing direction in a name', named('a\\u200fb'), 'INVALID_REQUEST'],
    ['a byte order mark in a name', named('\\ufeffAcme\\ufeff.'), 'INVALID_REQUEST'],
    ['half of a surrogate pair in a name', named('a\\ud800b'), 'INVALID_REQUEST'],
    ['a name of spaces', named('\\u00a0\\u3000 '), 'INVALID_REQUEST'],
    ['a name of 100,000 combining characters', named(`a${'\u0301'.repeat(20_000)}`), 'INVALID_REQUEST'],
  ])('with %s is rejected', async (_, body, code) => {
    await expectProblem(await create(body), code);
    expect(api.operations.runs).toEqual([]);
  });

  test.each([
    '$(reboot)',
    '`id`; rm -rf /',
    '{{ .Values.secret }}',
    '${jndi:ldap://example.com/a}',
    '<%= 7*7 %>',
    "Robert'); DROP TABLE stores;--",
    '<script>alert(1)</script>',
    '../../etc/passwd',
    '%n%s%x',
    '__proto__',
    'null',
    '-1',
  ])('with the name %j creates a store with exactly this name', async (name) => {
    const response = await create(JSON.stringify({ name, engine: 'medusa' }));
    expect(response.status).toBe(202);
    const store = (await response.json()) as { readonly name: string; readonly slug: string };
    expect(store.name).toBe(name);
    expect(store.slug).toMatch(/^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/json', ''])(
    'of the media type %j is rejected',
    async (type) => {
      await expectProblem(
        await create(named('Acme'), { ...JSON_WITH_KEY, 'content-type': type }),
        'UNSUPPORTED_MEDIA_TYPE',
      );
    },
  );

  test('that never ends is rejected at the limit, and the connection does not stay open', async () => {
    const response = await new Promise<{ readonly status: number | undefined; readonly body: string }>(
      (resolve, reject) => {
        const request = httpRequest(
          `${server.url}/api/stores`,
          { method: 'POST', headers: JSON_WITH_KEY },
          (incoming) => {
            request.destroy();
            text(incoming).then((body) => resolve({ status: incoming.statusCode, body }), reject);
          },
        );
        request.on('error', reject);
        request.write('x'.repeat(MEGABYTE));
      },
    ).catch((error: unknown) => error);
    expect(response).toMatchObject({ status: 413 });
  });
});

describe('a query', () => {
  test.each([
    '?limit=-1',
    '?limit=0',
    '?limit=99999999999999999999',
    '?limit=1e3',
    '?limit=0x10',
    '?limit=NaN',
    '?limit=1&limit=2',
    '?offset=-1',
    '?offset=9007199254740993',
    '?cursor=WyJuYW1lIl0',
    '?cursor=%00',
    `?cursor=${Buffer.from(JSON.stringify(['name', 'a\0b', ID])).toString('base64url')}`,
    '?name=%00',
    '?name=a%00b',
    `?name=${'x'.repeat(64)}`,
    '?sort=createdAt;drop',
    '?status=ready&status=__proto__',
    '?createdFrom=yesterday',
    '?createdFrom=2026-02-31T00:00:00.000Z',
    '?createdFrom=%2B275760-09-13T00:00:00.001Z',
    '?__proto__=1',
    '?constructor[prototype]=1',
  ])('%s is rejected with a pointer to the parameter', async (query) => {
    const response = await fetch(`${server.url}/api/stores${query}`);
    const problem = ProblemDetails.parse(await response.clone().json());
    expect(problem.errors?.[0]).toMatchObject({ in: 'query' });
    await expectProblem(response, 'INVALID_REQUEST');
  });

  test('of 9 KiB is rejected', async () => {
    await expectProblem(await fetch(`${server.url}/api/stores?name=${'x'.repeat(9 * 1024)}`), 'URL_TOO_LONG');
  });
});

describe('a path', () => {
  test.each<[string, string]>([
    ['/api/stores/1', 'STORE_NOT_FOUND'],
    [`/api/stores/${ID}'--`, 'STORE_NOT_FOUND'],
    ['/api/stores/%00', 'STORE_NOT_FOUND'],
    ['/api/stores/%F0%9F%92%A9', 'STORE_NOT_FOUND'],
    ['/api/stores/%E0%A4%A', 'STORE_NOT_FOUND'],
    ['/api/stores/__proto__', 'STORE_NOT_FOUND'],
    [`/api/stores/${'0'.repeat(5_000)}`, 'STORE_NOT_FOUND'],
    [`/api/stores/{${ID}}`, 'STORE_NOT_FOUND'],
    ['/api/operations/1', 'OPERATION_NOT_FOUND'],
    ['/api/stores/..%2f..%2fetc%2fpasswd', 'STORE_NOT_FOUND'],
    ['/problems/..%2f..%2fopenapi.json', 'ROUTE_NOT_FOUND'],
    ['/problems/__proto__', 'ROUTE_NOT_FOUND'],
    ['/problems/to-string', 'ROUTE_NOT_FOUND'],
    ['/api//stores', 'ROUTE_NOT_FOUND'],
    ['/API/stores', 'ROUTE_NOT_FOUND'],
  ])('%.60s leads to %s', async (path, code) => {
    await expectProblem(await fetch(`${server.url}${path}`), code);
  });

  test.each(['%00', 'a%00b', '..%2f', 'x'.repeat(300), '%F0%9F%92%A9'])(
    'with the namespace %.20j is not found, and is never given to the database',
    async (namespace) => {
      const url = `${server.url}/api/admin/unaccounted/${namespace}/keep`;
      await expectProblem(await fetch(url, { method: 'POST' }), 'NAMESPACE_NOT_FOUND');
    },
  );
});

describe('bytes that are no request', () => {
  test.each<[string, string, string]>([
    ['a line that is not HTTP', 'HELO example.com\r\n\r\n', 'MALFORMED_REQUEST'],
    ['TLS on the plain port', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'MALFORMED_REQUEST'],
    ['a control character in a header', 'GET / HTTP/1.1\r\nHost: a\r\nX-A: a\x01b\r\n\r\n', 'MALFORMED_REQUEST'],
    ['a folded header', 'GET / HTTP/1.1\r\nHost: a\r\nX-A: a\r\n b\r\n\r\n', 'MALFORMED_REQUEST'],
    [
      'two lengths of one body',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      'MALFORMED_REQUEST',
    ],
    ['a negative length', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n', 'MALFORMED_REQUEST'],
    ['a host with a path', 'GET / HTTP/1.1\r\nHost: a/b\r\nConnection: close\r\n\r\n', 'MALFORMED_REQUEST'],
    ['17 KiB of headers', `GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'x'.repeat(17_000)}\r\n\r\n`, 'HEADERS_TOO_LARGE'],
    ['headers that do not end', 'GET / HTTP/1.1\r\nHost: a\r\n', 'REQUEST_TIMEOUT'],
    [
      'a body that does not arrive',
      'POST /api/stores HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
      'REQUEST_TIMEOUT',
    ],
  ])('with %s get a problem, and the connection is closed', async (_, bytes, code) => {
    await expectProblem(await exchange(sockets.url, bytes), code);
  });
});

test('a flood of bad requests leaves the API as it was', async () => {
  const bad = [
    () => create('{'),
    () => create(nested(2_000)),
    () => fetch(`${server.url}/api/stores?limit=-1`),
    () => fetch(`${server.url}/api/stores/none`),
  ];
  const statuses = await Promise.all(
    Array.from({ length: 400 }, async (_, index) => (await bad[index % 4]?.())?.status),
  );
  expect(new Set(statuses)).toEqual(new Set([400, 404]));
  expect((await create(named('Acme'))).status).toBe(202);
  expect(api.operations.runs).toHaveLength(1);
});
