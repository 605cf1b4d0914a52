import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { readBytes, readText } from './bounded-response.ts';

/** A body without an end. `sentBytes` counts what the reader took. */
function endless() {
  const counter = { sentBytes: 0, isCancelled: false };
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      counter.sentBytes += 1_000;
      controller.enqueue(new Uint8Array(1_000));
    },
    cancel: () => void (counter.isCancelled = true),
  });
  return { counter, response: new Response(body) };
}

describe('a bounded response', () => {
  test.each(['', 'é', 'x'.repeat(10)])('returns the text %j, which is within the limit', async (text) => {
    expect(await readText(new Response(text), 10)).toBe(text);
  });

  test('joins the chunks of a body', async () => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (const byte of [0xc3, 0xa9, 0x21]) controller.enqueue(new Uint8Array([byte]));
        controller.close();
      },
    });
    expect(await readText(new Response(body), 3)).toBe('é!');
  });

  test('is empty for a response without a body', async () => {
    expect(await readBytes(new Response(null, { status: 204 }), 1)).toEqual(new Uint8Array());
  });

  test('stops an endless body at the limit', async () => {
    const { counter, response } = endless();
    expect(await readBytes(response, 10_000)).toBeUndefined();
    expect(counter).toMatchObject({ isCancelled: true });
    expect(counter.sentBytes).toBeLessThan(20_000);
    await expect(readText(endless().response, 10_000)).rejects.toThrow('the response has more than 10000 bytes');
  });

  test('stops a gzip bomb at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(200_000_000));
    const server = createServer((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    ).listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo; // a TCP server has this type of address
      const before = process.memoryUsage.rss();
      expect(await readBytes(await fetch(`http://127.0.0.1:${port}`), 1_000_000)).toBeUndefined();
      expect(process.memoryUsage.rss() - before).toBeLessThan(100_000_000);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
