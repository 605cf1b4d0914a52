import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { ApiError, ConnectionError } from './errors.ts';
import { pause } from './pause.ts';

/** The API sends something at least every 15 s. A stream without a byte for this time is dead. */
const SILENT_MS = 45_000;
const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 5_000;
/** Without a connection for this time, the iteration fails. */
const MAX_OUTAGE_MS = 300_000;
/** A proxy or a server without streams. */
const NOT_ACCEPTABLE = 406;

/** A response whose body was not read. */
export interface Opened {
  readonly response: Response;
  readonly body: ReadableStream<Uint8Array> | null | undefined;
}

/** Opens the stream after an event. */
export type Open = (after: number) => Promise<Opened>;

/** Milliseconds. Replaced in tests. */
export interface StreamTimes {
  readonly silentMs?: number;
  readonly firstPauseMs?: number;
  readonly maxOutageMs?: number;
}

export interface StreamOptions extends StreamTimes {
  readonly after: number;
  readonly signal?: AbortSignal | undefined;
  /** Is called with true when a connection is open, and with false when it breaks or ends. */
  readonly onConnection?: ((isOpen: boolean) => void) | undefined;
}

/** Why a stream has ended. */
export type StreamEnd =
  | { readonly kind: 'aborted' }
  /** The server has no streams. Ask it from time to time. */
  | { readonly kind: 'unsupported' }
  /** The last message of a stream that has an end. */
  | { readonly kind: 'end'; readonly data: string };

/** A message with the number of an event. */
export interface StreamMessage {
  readonly id: number;
  readonly data: string;
}

/**
 * Iterates over the messages of a stream. Opens it again after its last message when it breaks or ends, and returns each
 * message once.
 *
 * @throws ApiError for a status from 400 to 499, which another attempt would get too. Error when the server is unreachable for
 *   minutes.
 */
export async function* readStream(open: Open, options: StreamOptions): AsyncGenerator<StreamMessage, StreamEnd> {
  const { signal, firstPauseMs = FIRST_PAUSE_MS } = options;
  const state: State = { after: options.after, failures: 0, lastByteMs: Date.now(), advisedMs: 0 };
  while (!isAborted(signal)) {
    try {
      const end = yield* readOnce(open, state, options);
      if (end !== undefined) return end;
    } catch (error) {
      const end = endAfter(error, state, options);
      if (end !== undefined) return end;
    }
    options.onConnection?.(false);
    await pauseFor(Math.max(state.advisedMs, backoffMs(state.failures, firstPauseMs)), signal);
    state.failures += 1;
    state.advisedMs = 0;
  }
  return { kind: 'aborted' };
}

interface State {
  /** Number of the last event. */
  after: number;
  /** Connections in a row that brought nothing. */
  failures: number;
  lastByteMs: number;
  /** Pause that the server asks for. */
  advisedMs: number;
}

/** Reads one connection. Returns undefined when another one can bring more. */
async function* readOnce(
  open: Open,
  state: State,
  { silentMs = SILENT_MS, signal, onConnection }: StreamOptions,
): AsyncGenerator<StreamMessage, StreamEnd | undefined> {
  const { response, body } = await open(state.after);
  if (!isStream(response) || body === null || body === undefined) {
    await body?.cancel();
    return { kind: 'unsupported' };
  }
  onConnection?.(true);
  for await (const message of messagesOf(body, state, { silentMs, signal })) {
    if (message.event === 'end') return { kind: 'end', data: message.data };
    const id = Number(message.id);
    // A server that sends an event again must not make it appear twice.
    if (id > state.after) {
      state.after = id;
      yield { id, data: message.data };
    }
  }
  return undefined;
}

/** Returns how the stream ends after an error, or undefined if another connection can succeed. @throws the error otherwise */
function endAfter(
  error: unknown,
  { lastByteMs }: State,
  { signal, maxOutageMs = MAX_OUTAGE_MS }: StreamOptions,
): StreamEnd | undefined {
  if (isAborted(signal)) return { kind: 'aborted' };
  if (error instanceof ApiError && error.status === NOT_ACCEPTABLE) return { kind: 'unsupported' };
  if (!isPassing(error) || Date.now() - lastByteMs > maxOutageMs) throw error;
  return undefined;
}

/** The compiler does not know that a signal can be aborted while a request runs. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted ?? false;
}

/** Returns whether another attempt can succeed. */
function isPassing(error: unknown): boolean {
  if (error instanceof ApiError) return error.status >= 500;
  // Node's fetch throws TypeError for a connection that breaks while the body is read.
  return (
    error instanceof ConnectionError ||
    error instanceof SilentStream ||
    (error instanceof Error && error.name === 'TypeError')
  );
}

function isStream({ headers }: Response): boolean {
  return headers.get('content-type')?.toLowerCase().startsWith('text/event-stream') ?? false;
}

class SilentStream extends Error {
  override readonly name = 'SilentStream';
}

async function* messagesOf(
  body: ReadableStream<Uint8Array>,
  state: State,
  { silentMs, signal }: { readonly silentMs: number; readonly signal: AbortSignal | undefined },
): AsyncGenerator<EventSourceMessage> {
  const received: EventSourceMessage[] = [];
  const parser = createParser({
    onEvent: (message) => void received.push(message),
    onRetry: (ms) => {
      state.advisedMs = Math.min(ms, MAX_PAUSE_MS);
    },
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  // Node 20 loses the signal of a request that was copied, once the first copy is garbage.
  const stop = (): void => void reader.cancel().catch(() => undefined);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    while (!isAborted(signal)) {
      const { done, value } = await within(silentMs, reader.read());
      if (done) return;
      state.failures = 0;
      state.lastByteMs = Date.now();
      parser.feed(decoder.decode(value, { stream: true }));
      yield* received.splice(0);
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    await reader.cancel().catch(() => undefined);
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = pause(ms, timer.signal).then(() => {
    throw new SilentStream(`The stream of events sent nothing for ${ms} ms.`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
    late.catch(() => undefined);
    work.catch(() => undefined);
  }
}

function backoffMs(failures: number, firstPauseMs: number): number {
  const ceiling = Math.min(firstPauseMs * 2 ** failures, MAX_PAUSE_MS);
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}

/** Waits, and ends early without an error when the signal is aborted. Returns whether the time is over. */
export async function pauseFor(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await pause(ms, signal);
    return true;
  } catch {
    return false;
  }
}
