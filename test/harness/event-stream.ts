import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** The messages of a response that is a stream of events. */
export interface OpenedStream {
  /** Returns the next message, or undefined when the stream has ended. */
  next(): Promise<EventSourceMessage | undefined>;
  /** Returns all messages until the stream ends. */
  rest(): Promise<readonly EventSourceMessage[]>;
  /** The last `retry:` that arrived. */
  retryMs(): number | undefined;
  /** Number of comments that arrived. */
  comments(): number;
  /** Leaves the stream, as a client that closes its connection. */
  cancel(): Promise<void>;
}

/** Reads the stream in the body of a response. */
export function streamOf(response: Response): OpenedStream {
  if (response.body === null) throw new Error('the response has no body');
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  const received: EventSourceMessage[] = [];
  let retryMs: number | undefined;
  let comments = 0;
  const parser = createParser({
    onEvent: (message) => void received.push(message),
    onRetry: (ms) => {
      retryMs = ms;
    },
    onComment: () => {
      comments += 1;
    },
  });

  async function next(): Promise<EventSourceMessage | undefined> {
    while (received.length === 0) {
      const { done, value } = await reader.read();
      if (done) return undefined;
      parser.feed(decoder.decode(value as Uint8Array, { stream: true }));
    }
    return received.shift();
  }

  async function rest(): Promise<readonly EventSourceMessage[]> {
    const all: EventSourceMessage[] = [];
    for (let message = await next(); message !== undefined; message = await next()) all.push(message);
    return all;
  }

  return { next, rest, retryMs: () => retryMs, comments: () => comments, cancel: () => reader.cancel() };
}
