import { type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import type { KubernetesObject } from '@kubernetes/client-node';
import type { ClusterAccess } from './cluster-access.ts';

/** Time limit of the response headers of a watch. The events after them have no limit. */
const ANSWER_TIMEOUT_MS = 30_000;
/** TCP keep-alive detects a connection whose other end has disappeared. */
const KEEP_ALIVE_MS = 30_000;

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** As received: times are strings, not dates. */
  readonly object: KubernetesObject;
}

interface WatchInput {
  readonly path: string;
  readonly signal: AbortSignal;
  readonly onEvent: (event: WatchEvent) => void;
  readonly onEnd: () => void;
}

/**
 * Streams the objects below an API path until `signal` aborts, which closes the connection at once, also before the API
 * server has answered. Calls `onEnd` when the stream ends for another reason.
 */
export function watchPath(access: ClusterAccess, input: WatchInput): void {
  const { signal, onEnd } = input;
  if (signal.aborted) return;
  const ended = () => {
    if (!signal.aborted) onEnd();
  };
  streamEvents(access, input).then(ended, ended);
}

/** Resolves or rejects when the stream ends. */
async function streamEvents(access: ClusterAccess, { path, signal, onEvent }: WatchInput): Promise<void> {
  const options: RequestOptions = {};
  await access.clientConfig().applyToHTTPSOptions(options);
  const response = await send(new URL(`${access.server}${path}?watch=true`), { ...options, signal });
  if (response.statusCode !== 200) {
    if (response.statusCode === 401) access.discardCredentials();
    response.destroy();
    return;
  }
  createInterface({ input: response }).on('line', (line) => {
    const event = parseEvent(line);
    if (event === undefined) return;
    try {
      onEvent(event);
    } catch (error) {
      // Thrown here, it would end the process. The stream ends instead, and the next list of the objects shows the error.
      response.destroy(error instanceof Error ? error : undefined);
    }
  });
  await finished(response);
}

function send(url: URL, options: RequestOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'http:' ? httpRequest : httpsRequest)(url, options);
    const deadline = setTimeout(() => request.destroy(new Error('the watch was not answered')), ANSWER_TIMEOUT_MS);
    request.once('close', () => clearTimeout(deadline));
    request.once('socket', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS));
    request.on('error', reject);
    request.once('response', (response) => {
      clearTimeout(deadline);
      resolve(response);
    });
    request.end();
  });
}

/** Returns undefined for a bookmark, an error and an incomplete line. The API server closes the stream after an error. */
function parseEvent(line: string): WatchEvent | undefined {
  try {
    const { type, object } = JSON.parse(line) as { readonly type: string; readonly object: KubernetesObject };
    return type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' ? { type, object } : undefined;
  } catch {
    return undefined;
  }
}
