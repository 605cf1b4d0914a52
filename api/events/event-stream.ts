import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { streamSSE, type SSEStreamingApi } from 'hono/streaming';
import { StoreError } from '../../domain/failure.ts';
import type { AppEnv } from '../app-env.ts';
import { Problem } from '../problems/problem.ts';
import type { EventHub, Subscription, Topic } from './hub.ts';
import { callerOf, type StreamSlots } from './stream-slots.ts';

/** Milliseconds. */
export interface StreamTimes {
  /** Without a message, the stream sends a comment, so that proxies and clients know that it is alive. */
  readonly heartbeatMs: number;
  /** A client that takes no data for this time is disconnected. */
  readonly stallMs: number;
  /** The stream ends after about this time. The client comes back with its last id, and is authorized again. */
  readonly lifeMs: number;
  /** Longest pause between two reads while the database does not answer. */
  readonly longestPauseMs: number;
}

const TIMES: StreamTimes = { heartbeatMs: 15_000, stallMs: 30_000, lifeMs: 600_000, longestPauseMs: 5_000 };
const LIFE_JITTER = 0.1;
const FIRST_PAUSE_MS = 250;
/** When clients come back after the end of a stream: soon, or spread over some seconds while the process shuts down. */
const RETRY_MS = { soon: 500, shutDown: 3_000 } as const;

/** A page of what a stream sends. */
export interface StreamPage {
  readonly messages: readonly { readonly id: number; readonly data: unknown }[];
  readonly hasMore: boolean;
  /** Whether an operation runs, so that changes are near. */
  readonly isActive: boolean;
  /** Data of the last message. With it, the stream ends. */
  readonly end?: unknown;
}

/** The object of a stream, and how to read its events. */
export interface Followed {
  readonly topic: Topic;
  /** Identifies the reads of the topic that return the same. */
  readonly name: string;
  /** Reads what comes after an id. @throws Problem when there is nothing to follow */
  readonly read: (after: number) => Promise<StreamPage>;
}

export interface EventStreams {
  /** Returns the response that streams what comes after an id. @throws Problem TOO_MANY_STREAMS, or of the first read */
  open(c: Context<AppEnv>, followed: Followed, after: number): Promise<Response>;
}

/** Returns whether a request asks for a stream. */
export function wantsStream(accept: string | undefined): boolean {
  return accept?.split(',').some((type) => type.split(';')[0]?.trim().toLowerCase() === 'text/event-stream') ?? false;
}

/** Creates the Server-Sent Events of a process. */
export function createEventStreams({
  hub,
  slots,
  times: changedTimes,
}: {
  readonly hub: EventHub;
  readonly slots: StreamSlots;
  readonly times?: Partial<StreamTimes> | undefined;
}): EventStreams {
  const times = { ...TIMES, ...changedTimes };

  async function open(c: Context<AppEnv>, followed: Followed, after: number): Promise<Response> {
    // Hono would run a stream for HEAD too, and nothing would end it.
    if (c.req.method === 'HEAD') {
      await followed.read(after);
      return c.body(null, 200, { 'Content-Type': 'text/event-stream', ...HEADERS });
    }
    const release = slots.take(callerOf(c.var.caller));
    const subscription = hub.subscribe(followed.topic);
    try {
      const reader = createReader(followed, subscription, after);
      await reader.next();
      const response = streamSSE(c, async (stream) => {
        await send(c, { stream, reader, subscription }).finally(release);
      });
      for (const [name, value] of Object.entries(HEADERS)) response.headers.set(name, value);
      return response;
    } catch (error) {
      subscription.close();
      release();
      throw error;
    }
  }

  /** Writes pages until the subscription or the stream ends. Throws nothing: Hono would print it. */
  async function send(c: Context<AppEnv>, { stream, reader, subscription }: OpenStream): Promise<void> {
    const { log } = c.var;
    const life = setTimeout(subscription.close, times.lifeMs * (1 - LIFE_JITTER * Math.random()));
    life.unref();
    stream.onAbort(subscription.close);
    try {
      const writer = createWriter(stream, times);
      do {
        if (!(await writer.write(textOf(reader.page())))) {
          log.warn({ path: c.req.path }, 'a client of an event stream took no data and was disconnected');
          return disconnect(c, stream);
        }
        if (reader.page().end !== undefined || stream.aborted) return;
      } while (await nextPage(c, { reader, subscription }));
      await writer.write(`retry: ${retryMs(hub.isShuttingDown())}\n\n`);
    } catch (error) {
      log.error({ err: error, path: c.req.path }, 'an event stream ended with an unexpected error');
    } finally {
      clearTimeout(life);
      subscription.close();
    }
  }

  /** Waits for a change and reads. Returns false when the stream has to end. */
  async function nextPage(
    c: Context<AppEnv>,
    { reader, subscription }: Pick<OpenStream, 'reader' | 'subscription'>,
  ): Promise<boolean> {
    await reader.untilChanged();
    if (subscription.isClosed()) return false;
    try {
      await reader.next();
      return true;
    } catch (error) {
      // The store or the operation no longer exists.
      if (error instanceof Problem) return false;
      if (!(error instanceof StoreError && error.code === 'DATABASE_UNAVAILABLE')) throw error;
      if (reader.failures() === 1) c.var.log.debug({ err: error }, 'an event stream waits for the database');
      const ceiling = Math.min(FIRST_PAUSE_MS * 2 ** reader.failures(), times.longestPauseMs);
      await subscription.pause(ceiling / 2 + (Math.random() * ceiling) / 2);
      return !subscription.isClosed();
    }
  }

  return { open };
}

interface OpenStream {
  readonly stream: SSEStreamingApi;
  readonly reader: Reader;
  readonly subscription: Subscription;
}

const HEADERS = { 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' } as const;

interface Reader {
  /** The page that was read last. After a failure: an empty one. */
  page(): StreamPage;
  /** Reads the next page. */
  next(): Promise<void>;
  /** Resolves when there is more to read. */
  untilChanged(): Promise<void>;
  /** Number of reads that have failed since the last one that did not. */
  failures(): number;
}

function createReader({ name, read }: Followed, subscription: Subscription, start: number): Reader {
  let after = start;
  let page: StreamPage = NOTHING;
  let generation = subscription.generation();
  let failures = 0;

  async function next(): Promise<void> {
    page = NOTHING;
    generation = subscription.generation();
    failures += 1;
    page = await subscription.read(`${name} ${after}`, () => read(after));
    failures = 0;
    after = page.messages.at(-1)?.id ?? after;
    subscription.setActive(page.isActive);
  }

  async function untilChanged(): Promise<void> {
    if (!page.hasMore && failures === 0) await subscription.changedSince(generation);
  }

  return { page: () => page, next, untilChanged, failures: () => failures };
}

const NOTHING: StreamPage = { messages: [], hasMore: false, isActive: true };

/** Streams that share a read also share its text. */
const texts = new WeakMap<StreamPage, string>();

function textOf(page: StreamPage): string {
  const text = texts.get(page) ?? format(page);
  texts.set(page, text);
  return text;
}

function format({ messages, end }: StreamPage): string {
  const events = messages.map(({ id, data }) => `id: ${id}\ndata: ${JSON.stringify(data)}\n\n`);
  return events.join('') + (end === undefined ? '' : `event: end\ndata: ${JSON.stringify(end)}\n\n`);
}

/** Writes texts to a stream, and a comment when there was none for a while. */
function createWriter(stream: SSEStreamingApi, { heartbeatMs, stallMs }: StreamTimes) {
  let sentAtMs = performance.now();
  return {
    /** Returns false when the client does not take the text in time. */
    write: async (text: string): Promise<boolean> => {
      const isDue = performance.now() - sentAtMs >= heartbeatMs;
      if (text === '' && !isDue) return true;
      sentAtMs = performance.now();
      return writeWithin(stallMs, stream, text === '' ? ': heartbeat\n\n' : text);
    },
  };
}

async function writeWithin(ms: number, stream: SSEStreamingApi, text: string): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
    timer.unref();
  });
  try {
    return await Promise.race([stream.write(text).then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Closes the socket of a client. The end of the stream alone would leave it open. */
function disconnect(c: Context<AppEnv>, stream: SSEStreamingApi): void {
  stream.abort();
  // Tests call the application without a socket.
  const bindings = c.env as Partial<HttpBindings> | undefined;
  bindings?.outgoing?.destroy();
}

function retryMs(isShuttingDown: boolean): number {
  const base = isShuttingDown ? RETRY_MS.shutDown : RETRY_MS.soon;
  return Math.round(base * (0.5 + Math.random()));
}
