import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { answerList, createStoreHttp, MAX_ANSWER_BYTES, readAnswer, textOf, type StoreHttp } from './store-http.ts';
import { VerificationFailure } from './verification-failure.ts';

let server: Server | undefined;
let http: StoreHttp | undefined;

afterEach(async () => {
  await http?.close();
  server?.closeAllConnections();
  server?.close();
  http = undefined;
  server = undefined;
});

async function open(listener: RequestListener): Promise<StoreHttp> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server has this type of address
  http = createStoreHttp({ baseUrl: `http://127.0.0.1:${port}` });
  return http;
}

const READ = { step: 'read', method: 'GET', path: '/answer', answer: z.unknown() } as const;

async function failureOf(listener: RequestListener): Promise<VerificationFailure> {
  const outcome = await (await open(listener)).request(READ).catch((error: unknown) => error);
  if (outcome instanceof VerificationFailure) return outcome;
  throw new Error('expected a VerificationFailure', { cause: outcome });
}

/** Sends zeros until the client closes the connection. */
function sendEndlessly(status: number, sent: (bytes: number) => void): RequestListener {
  const chunk = Buffer.alloc(65_536, '0');
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    const write = () => {
      let isWritable = true;
      while (isWritable && !response.destroyed) {
        sent(chunk.length);
        isWritable = response.write(chunk);
      }
      response.once('drain', write);
    };
    write();
  };
}

describe('a request to a store', () => {
  test('accepts no compression', async () => {
    let accepted: unknown;
    const client = await open((request, response) => {
      accepted = request.headers['accept-encoding'];
      response.end('{}');
    });
    await client.request(READ);
    expect(accepted).toBe('identity');
  });

  test.each([200, 500])('fails without decompressing a gzip bomb of status %i', async (status) => {
    const bomb = gzipSync(Buffer.alloc(200_000_000));
    const before = process.memoryUsage.rss();
    const failure = await failureOf((_request, response) => {
      response.writeHead(status, { 'content-encoding': 'gzip', 'content-type': 'application/json' }).end(bomb);
    });
    expect(process.memoryUsage.rss() - before).toBeLessThan(100_000_000);
    expect(failure).toMatchObject({ step: 'read', reason: 'unexpected-answer', answer: { status } });
    expect(failure.message).toBe(
      `GET /answer was answered ${status} with the content encoding gzip, although the request accepts no compression`,
    );
  });

  test.each([200, 500])('reads a limited part of an endless answer of status %i', async (status) => {
    let sentBytes = 0;
    const failure = await failureOf(sendEndlessly(status, (bytes) => (sentBytes += bytes)));
    expect(failure).toMatchObject({ reason: 'unexpected-answer', answer: { status, body: '0'.repeat(1_000) } });
    expect(failure.message).toBe(
      `GET /answer was answered ${status} with more than the ${MAX_ANSWER_BYTES} bytes that an answer may have`,
    );
    // The buffers of the sockets hold some megabytes.
    expect(sentBytes).toBeLessThan(MAX_ANSWER_BYTES + 32_000_000);
  });

  test('accepts an answer of exactly the size limit', async () => {
    const text = `"${'x'.repeat(MAX_ANSWER_BYTES - 2)}"`;
    const { body } = await (await open((_request, response) => response.end(text))).request(READ);
    expect(body).toHaveLength(MAX_ANSWER_BYTES - 2);
  });

  test('joins the values of a header that the store sends twice', async () => {
    const client = await open((_request, response) => response.setHeader('x-a', ['1', '2']).end('{}'));
    const { header } = await client.request(READ);
    expect([header('x-a'), header('x-b'), header('constructor')]).toEqual(['1, 2', null, null]);
  });

  test('fails at once with the cause when the headers are larger than the limit', async () => {
    let requests = 0;
    const failure = await failureOf((_request, response) => {
      requests += 1;
      response.writeHead(200, { 'x-huge': 'x'.repeat(1_000_000) }).end('{}');
    });
    expect(failure).toMatchObject({
      reason: 'unexpected-answer',
      message: expect.stringContaining('headers larger than'),
    });
    expect(requests).toBe(1);
  });

  test('follows no redirect', async () => {
    const failure = await failureOf((_request, response) => response.writeHead(302, { location: '/other' }).end());
    expect(failure).toMatchObject({ reason: 'refused', answer: { status: 302 } });
  });
});

describe('the content of an answer', () => {
  test('is named in the failure with at most five problems', () => {
    const Answer = answerList(z.object({ id: z.number() }));
    const text = `[${'{},'.repeat(300_000)}{}]`;
    const read = () => readAnswer({ step: 'read', what: 'GET /answer', status: 200, text }, Answer);
    expect(read).toThrow(/^GET \/answer was answered 200 with unexpected content \((?:[^;]+; ){4}[^;]+\)$/);
  });

  test('may have more list members than the verification reads', () => {
    const text = JSON.stringify(Array.from({ length: 1_000 }, (_, id) => ({ id })));
    const members = readAnswer(
      { step: 'read', what: 'GET /answer', status: 200, text },
      answerList(z.object({ id: z.number() })),
    );
    expect(members).toHaveLength(300);
  });

  test('may be nested more deeply than JSON.stringify supports', () => {
    expect(textOf(JSON.parse('['.repeat(500_000) + ']'.repeat(500_000)))).toBe('');
    expect(textOf({ a: 1 })).toBe('{"a":1}');
  });
});
