import { type Duplex, duplexPair, Writable } from 'node:stream';
import { PortForward } from '@kubernetes/client-node';
import { StoreError } from '../../domain/failure.ts';
import { timeLimit } from '../../domain/time-limit.ts';
import { oneLine, redact } from '../runtime/redaction.ts';
import type { ClusterAccess } from './cluster-access.ts';

/** Time until the API server has connected to the node. */
const CONNECT_TIMEOUT_MS = 10_000;

export interface ForwardTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

/** The parts of the library's WebSocket that a connection uses. */
interface WebSocket {
  close(): void;
  addEventListener(event: 'close', listener: () => void): void;
}

/** Causes of refusals by status. */
const REASONS: Readonly<Record<string, string>> = {
  401: 'it did not accept the credentials of the platform',
  403: 'the platform needs the permissions to get and create pods/portforward',
  404: 'the pod does not exist any more',
};

/**
 * Opens a connection to a port of a pod through the Kubernetes API, as `kubectl port-forward` does. The node connects inside the
 * pod's network, so network policies do not apply, and the worker needs no route to the pod. The API server does not read the
 * bytes. The connection fails later when nothing listens on the port.
 *
 * @throws StoreError CLUSTER_UNAVAILABLE
 */
export async function forwardPort(access: ClusterAccess, target: ForwardTarget): Promise<Duplex> {
  const what = `open port ${target.port} of Pod/${target.pod} in the namespace ${target.namespace}`;
  const [here, there] = duplexPair();
  there.on('error', () => undefined); // bytes that arrive after the end of the connection
  here.on('error', () => undefined); // its user may not listen yet, and an error without a listener ends the process
  const problems = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (chunk.length > 0) here.destroy(new Error(`the node could not ${what}: ${oneLine(chunk.toString('utf8'))}`));
      done();
    },
  });
  const socket = await open(access, target, { there, problems, what });
  socket.addEventListener('close', () => void there.end());
  here.once('close', () => socket.close());
  return here;
}

async function open(
  access: ClusterAccess,
  { namespace, pod, port }: ForwardTarget,
  { there, problems, what }: { readonly there: Duplex; readonly problems: Writable; readonly what: string },
): Promise<WebSocket> {
  const forward = new PortForward(access.clientConfig());
  // Without retries, the library returns the WebSocket itself.
  const opening = forward.portForward(namespace, pod, [port], there, problems, there) as Promise<WebSocket>;
  const limit = timeLimit(CONNECT_TIMEOUT_MS);
  try {
    return await Promise.race([opening, rejectedBy(limit)]);
  } catch (error) {
    opening.then((late) => late.close()).catch(() => undefined);
    throw translated(access, { what, error });
  }
}

function rejectedBy(limit: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    limit.addEventListener('abort', () => reject(new Error('the time limit has passed')), { once: true });
  });
}

function translated(
  access: ClusterAccess,
  { what, error }: { readonly what: string; readonly error: unknown },
): StoreError {
  const reason = messageOf(error);
  // The WebSocket library names the status only in its message.
  const status = /^Unexpected server response: (\d{3})$/.exec(reason)?.[1];
  if (status === undefined) {
    const cause = new Error(oneLine(redact(reason)));
    return new StoreError('CLUSTER_UNAVAILABLE', `the Kubernetes API did not answer the request to ${what}`, { cause });
  }
  if (status === '401') access.discardCredentials();
  return new StoreError(
    'CLUSTER_UNAVAILABLE',
    `the cluster refused to ${what}: ${REASONS[status] ?? `HTTP ${status}`}`,
  );
}

function messageOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('message' in error)) return String(error);
  return String(error.message);
}
