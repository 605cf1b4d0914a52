import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request as httpsRequest } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ClusterPki } from '../../../temporal-dev/services/kubernetes-pki.ts';

/** A call to the Kubernetes API. */
export interface KubeCall {
  readonly method: string;
  readonly path: string;
  readonly isWrite: boolean;
  /** The namespace in the path or in the body, if there is one. */
  readonly namespace: string | undefined;
}

/** The reason and the message of the API server for each status. */
const ERRORS = {
  401: ['Unauthorized', 'Unauthorized'],
  403: ['Forbidden', 'the resource is forbidden: User "worker" cannot use the resource in a fault run'],
  410: ['Expired', 'The provided continue parameter is too old in a fault run'],
  429: ['TooManyRequests', 'error 429 injected by a fault run'],
  500: ['InternalError', 'error 500 injected by a fault run'],
} as const;
type ErrorStatus = keyof typeof ERRORS;

/** How the proxy treats a call. */
export type CallBehavior =
  | { readonly kind: 'forwarded'; readonly delayMs?: number }
  | { readonly kind: 'refused' }
  | { readonly kind: 'hanging' }
  | { readonly kind: 'error'; readonly status: ErrorStatus }
  /** The API server processes the call, but the caller gets no response. */
  | { readonly kind: 'responseLost' };

/** Called for each write before the API server receives it, and after it has responded. `drop` closes the connection. */
export type WriteHook = (moment: 'before' | 'after', call: KubeCall) => 'continue' | 'drop';

export interface KubeProxy {
  readonly port: number;
  setBehavior(behavior: ((call: KubeCall) => CallBehavior) | undefined): void;
  setWriteHook(hook: WriteHook | undefined): void;
  /** Leads port forwarding to this port of the machine: a simulated node forwards nothing. Undefined: it is refused. */
  setForwardPort(port: number | undefined): void;
  /** Responds with 401 to each call that does not have this bearer token. Undefined: calls need no token. */
  requireToken(token: string | undefined): void;
  close(): Promise<void>;
}

/** Protocol of port forwarding that every kubelet supports. */
const FORWARD_PROTOCOL = 'v4.channel.k8s.io';

const WRITES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * Opens an HTTPS proxy on loopback to the API server. It uses the certificate of the server and authenticates to it as the
 * cluster administrator, so its clients need no credentials.
 */
export async function openKubeProxy(options: { readonly pki: ClusterPki; readonly port: number }): Promise<KubeProxy> {
  const { pki } = options;
  const agent = new Agent({
    keepAlive: true,
    ca: readFileSync(pki.caFile),
    cert: readFileSync(pki.adminCertFile),
    key: readFileSync(pki.adminKeyFile),
  });
  let behaviorOf: ((call: KubeCall) => CallBehavior) | undefined;
  let writeHook: WriteHook | undefined;
  let requiredToken: string | undefined;
  let forwardPort: number | undefined;
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has(FORWARD_PROTOCOL) ? FORWARD_PROTOCOL : false),
  });

  const server = createServer(
    { cert: readFileSync(pki.servingCertFile), key: readFileSync(pki.servingKeyFile), keepAliveTimeout: 60_000 },
    (incoming, outgoing) => void handle(incoming, outgoing),
  );
  server.on('upgrade', (request, socket, head) => {
    const port = /\/portforward(\?|$)/.test(request.url ?? '') ? forwardPort : undefined;
    if (port === undefined) socket.destroy();
    else sockets.handleUpgrade(request, socket, head, (opened) => forwardTo(port, opened));
  });
  server.on('clientError', (_error, socket) => socket.destroy());

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    incoming.on('error', () => undefined);
    outgoing.on('error', () => undefined);
    const body = await bodyOf(incoming).catch(() => undefined);
    if (body === undefined) return void incoming.socket.destroy();
    const call = callOf(incoming, body);
    if (requiredToken !== undefined && incoming.headers.authorization !== `Bearer ${requiredToken}`) {
      respondWithError(outgoing, 401);
      return;
    }
    const behavior = behaviorOf?.(call) ?? { kind: 'forwarded' as const };
    switch (behavior.kind) {
      case 'refused':
        incoming.socket.destroy();
        return;
      case 'hanging':
        return; // until the caller times out
      case 'error':
        respondWithError(outgoing, behavior.status);
        return;
      case 'responseLost':
        forward({ incoming, outgoing, body, call, losesResponse: true });
        return;
      case 'forwarded':
        if (behavior.delayMs === undefined) forward({ incoming, outgoing, body, call, losesResponse: false });
        else setTimeout(() => forward({ incoming, outgoing, body, call, losesResponse: false }), behavior.delayMs);
    }
  }

  function forward(passing: {
    readonly incoming: IncomingMessage;
    readonly outgoing: ServerResponse;
    readonly body: Buffer;
    readonly call: KubeCall;
    readonly losesResponse: boolean;
  }): void {
    const { incoming, outgoing, body, call, losesResponse } = passing;
    const { authorization: _, ...headers } = incoming.headers; // the proxy has its own identity
    const drop = (): void => void incoming.socket.destroy();
    if (call.isWrite && writeHook?.('before', call) === 'drop') return drop();
    const upstream = httpsRequest(
      {
        host: '127.0.0.1',
        port: options.port,
        method: call.method,
        path: call.path,
        agent,
        headers: { ...headers, host: `127.0.0.1:${options.port}`, 'content-length': String(body.length) },
      },
      (response) => {
        response.on('error', drop);
        if (losesResponse || (call.isWrite && writeHook?.('after', call) === 'drop')) {
          response.resume();
          return drop();
        }
        outgoing.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(outgoing);
      },
    );
    upstream.on('error', drop);
    outgoing.on('close', () => upstream.destroy());
    upstream.end(body);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port, // a TCP server always has an AddressInfo
    setBehavior: (next) => {
      behaviorOf = next;
      // Close open watches, so that they notice the fault.
      if (next !== undefined) server.closeAllConnections();
    },
    requireToken: (token) => {
      requiredToken = token;
      // Close open watches, which the API server authenticated with the old token.
      if (token !== undefined) server.closeAllConnections();
    },
    setForwardPort: (next) => {
      forwardPort = next;
    },
    setWriteHook: (hook) => {
      writeHook = hook;
    },
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      agent.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Sends the port on both channels, as a kubelet does, and connects the data channel to a port of this machine. */
function forwardTo(port: number, socket: WebSocket): void {
  for (const channel of [0, 1]) socket.send(Buffer.from([channel, 0, 80]));
  const tcp = connect(port, '127.0.0.1');
  tcp.on('error', () => socket.close());
  socket.on('error', () => tcp.destroy());
  socket.on('message', (data: Buffer) => tcp.write(data.subarray(1)));
  tcp.on('data', (data) => {
    // A hostile shop sends more than a worker reads.
    tcp.pause();
    socket.send(Buffer.concat([Buffer.from([0]), data]), () => tcp.resume());
  });
  tcp.on('close', () => socket.close());
  socket.on('close', () => tcp.destroy());
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer); // chunks are buffers, because no encoding is set
  return Buffer.concat(chunks);
}

function callOf(message: IncomingMessage, body: Buffer): KubeCall {
  const method = message.method ?? 'GET';
  const path = message.url ?? '/';
  const isWrite = WRITES.has(method) && !path.includes('dryRun=') && !path.includes('/selfsubject');
  return { method, path, isWrite, namespace: /\/namespaces\/([^/?]+)/.exec(path)?.[1] ?? namespaceInBody(path, body) };
}

/** Returns the name in the body of a create of a namespace. The path of that call does not contain it. */
function namespaceInBody(path: string, body: Buffer): string | undefined {
  if (!/\/namespaces(\?|$)/.test(path)) return undefined;
  return /"name":"([^"]+)"/.exec(body.toString('utf8'))?.[1];
}

function respondWithError(outgoing: ServerResponse, status: ErrorStatus): void {
  const [reason, message] = ERRORS[status];
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code: status };
  outgoing.writeHead(status, {
    'content-type': 'application/json',
    ...(status === 429 ? { 'retry-after': '1' } : {}),
  });
  outgoing.end(JSON.stringify(body));
}
