import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createAddressPolicy } from './address-policy.ts';
import { createWebhookSender, type WebhookSender } from './sender.ts';

const NOW = new Date('2026-01-02T03:04:05.000Z');
const servers: Server[] = [];
const senders: WebhookSender[] = [];
afterEach(async () => {
  for (const sender of senders.splice(0)) await sender.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Starts a receiver on loopback. `hits` counts its requests. */
async function receiver(answer: RequestListener = (_, response) => void response.end('thank you')) {
  const seen = { hits: 0 };
  const server = createServer((request, response) => {
    seen.hits += 1;
    answer(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}/`, hits: () => seen.hits };
}

function senderWith(options: { allowed?: readonly string[]; lookup?: LookupFunction; requestMs?: number } = {}) {
  const { allowed = ['127.0.0.0/8'], ...rest } = options;
  const created = createWebhookSender({
    policy: createAddressPolicy(allowed, async () => []),
    now: () => NOW,
    ...rest,
  });
  senders.push(created);
  return (url: string) => created.send({ url, headers: { 'webhook-id': 'msg_1' }, body: '{}' });
}

/** Answers a name lookup with one address after the other. */
function resolver(...answers: readonly (readonly string[])[]): LookupFunction {
  const left = [...answers];
  return (_, options, done) => {
    const addresses = (left.length > 1 ? left.shift() : left[0]) ?? [];
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    const [first] = found;
    if (options.all === true || first === undefined) done(null, found);
    else done(null, first.address, first.family);
  };
}

describe('a message', () => {
  test('arrives with its headers and body', async () => {
    const received: { method?: string | undefined; headers?: unknown; body: string } = { body: '' };
    const { url } = await receiver((request, response) => {
      request.on('data', (chunk: Buffer) => (received.body += chunk.toString()));
      request.on('end', () => {
        Object.assign(received, { method: request.method, headers: request.headers });
        response.end('thank you');
      });
    });
    expect(await senderWith()(url)).toEqual({
      kind: 'answered',
      status: 200,
      snippet: 'thank you',
      retryAfterMs: undefined,
    });
    expect(received).toMatchObject({
      method: 'POST',
      body: '{}',
      headers: { 'webhook-id': 'msg_1', 'content-type': 'application/json' },
    });
  });

  test.each([
    ['120', 120_000],
    ['Fri, 02 Jan 2026 03:05:05 GMT', 60_000],
    ['soon', undefined],
  ])('returns the time of Retry-After: %s', async (header, retryAfterMs) => {
    const { url } = await receiver((_, response) => response.writeHead(503, { 'retry-after': header }).end());
    expect(await senderWith()(url)).toMatchObject({ status: 503, retryAfterMs });
  });

  test('follows no redirect', async () => {
    const target = await receiver();
    const { url } = await receiver((_, response) => response.writeHead(307, { location: target.url }).end());
    expect(await senderWith()(url)).toMatchObject({ kind: 'answered', status: 307 });
    expect(target.hits()).toBe(0);
  });

  test('reads only the first part of a large answer', async () => {
    const { url } = await receiver((_, response) => void response.end(Buffer.alloc(1_000_000, 'x')));
    expect(await senderWith()(url)).toEqual({
      kind: 'answered',
      status: 200,
      snippet: 'x'.repeat(1_000),
      retryAfterMs: undefined,
    });
  });

  test('ends after the time limit when the receiver never answers', async () => {
    const { url } = await receiver(() => undefined);
    expect(await senderWith({ requestMs: 300 })(url)).toEqual({
      kind: 'unanswered',
      reason: 'the receiver did not answer within 0.3 s',
    });
  });

  test('ends after the time limit when the receiver never ends its answer', async () => {
    const { url } = await receiver((_, response) => void response.write('still '));
    expect(await senderWith({ requestMs: 300 })(url)).toMatchObject({
      kind: 'answered',
      status: 200,
      snippet: 'still ',
    });
  });

  test('says that nothing listens', async () => {
    expect(await senderWith()('http://127.0.0.1:9/')).toEqual({
      kind: 'unanswered',
      reason: expect.stringContaining('ECONNREFUSED'),
    });
  });
});

describe('without an allowed network, nothing reaches a receiver on loopback', () => {
  test.each(['127.0.0.1', '2130706433', '0x7f000001', '127.1', '[::ffff:127.0.0.1]', 'localhost', '0.0.0.0'])(
    'by its address %s',
    async (host) => {
      const { port, hits } = await receiver();
      for (const scheme of ['http', 'https']) {
        expect(await senderWith({ allowed: [] })(`${scheme}://${host}:${port}/`)).toEqual({
          kind: 'unanswered',
          reason: expect.stringContaining('the URL is not allowed'),
        });
      }
      expect(hits()).toBe(0);
    },
  );

  test('by a host name with this address', async () => {
    const { port, hits } = await receiver();
    for (const answer of [['127.0.0.1'], ['93.184.215.14', '127.0.0.1'], ['::ffff:127.0.0.1']]) {
      const send = senderWith({ allowed: [], lookup: resolver(answer) });
      expect(await send(`https://receiver.example:${port}/`)).toMatchObject({
        reason: expect.stringContaining('the URL is not allowed'),
      });
    }
    expect(hits()).toBe(0);
  });

  test('by a host name that leads to another address each time it is looked up', async () => {
    const { port, hits } = await receiver();
    const lookup = resolver(['127.0.0.2'], ['127.0.0.1']);
    const send = senderWith({ allowed: ['127.0.0.2/32'], lookup });
    // The first answer is allowed and nothing listens there. The second one is not allowed.
    expect(await send(`http://receiver.example:${port}/`)).toMatchObject({ kind: 'unanswered' });
    expect(await send(`http://receiver.example:${port}/`)).toMatchObject({
      reason: 'the URL is not allowed: its address is not public',
    });
    expect(hits()).toBe(0);
  });
});

test('a host name without an address is unanswered', async () => {
  const send = senderWith({ lookup: resolver([]) });
  expect(await send('https://receiver.example/')).toEqual({
    kind: 'unanswered',
    reason: 'the host receiver.example has no address',
  });
});
