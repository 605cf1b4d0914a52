import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ClusterPki } from '../../../temporal-dev/services/kubernetes-pki.ts';

/** A call to the Kubernetes API on its way. */
export interface KubeCall {
  readonly method: string;
  readonly path: string;
  readonly isWrite: boolean;
  /** The store's namespace that it is about, if it is about one. */
  readonly namespace: string | undefined;
}

/** What becomes of a call. */
export type CallFate =
  | { readonly kind: 'passed'; readonly delayMs?: number }
  | { readonly kind: 'refused' }
  | { readonly kind: 'hanging' }
  | { readonly kind: 'answered'; readonly status: 429 | 500 }
  /** It is done, and nobody hears of it. */
  | { readonly kind: 'unheard' };

/** Called at the two moments of every write: before the API server gets it, and after it has answered. */
export type WriteHook = (moment: 'before' | 'after', call: KubeCall) => 'go-on' | 'drop';

export interface KubeProxy {
  readonly port: number;
  setFate(fate: ((call: KubeCall) => CallFate) | undefined): void;
  setWriteHook(hook: WriteHook | undefined): void;
  close(): Promise<void>;
}

const WRITES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * A loopback HTTPS proxy in front of the API server, with the server's own certificate. It speaks as the cluster's
 * administrator to the server, so whoever reaches it needs no rights of its own.
 */
export async function openKubeProxy(options: { readonly pki: ClusterPki; readonly port: number }): Promise<KubeProxy> {
  const { pki } = options;
  const agent = new Agent({
    keepAlive: true,
    ca: readFileSync(pki.caFile),
    cert: readFileSync(pki.adminCertFile),
    key: readFileSync(pki.adminKeyFile),
  });
  let fateOf: ((call: KubeCall) => CallFate) | undefined;
  let writeHook: WriteHook | undefined;

  const server = createServer(
    { cert: readFileSync(pki.servingCertFile), key: readFileSync(pki.servingKeyFile), keepAliveTimeout: 60_000 },
    (near, answer) => void slug(near, answer),
  );
  server.on('clientError', (_error, socket) => socket.destroy());

  async function slug(near: IncomingMessage, answer: ServerResponse): Promise<void> {
    near.on('error', () => undefined);
    answer.on('error', () => undefined);
    const body = await bodyOf(near).catch(() => undefined);
    if (body === undefined) return void near.socket.destroy();
    const call = callOf(near, body);
    const fate = fateOf?.(call) ?? { kind: 'passed' as const };
    switch (fate.kind) {
      case 'refused':
        near.socket.destroy();
        return;
      case 'hanging':
        return; // the caller's own time-out ends it
      case 'answered':
        refuse(answer, fate.status);
        return;
      case 'unheard':
        forward({ near, answer, body, call, unheard: true });
        return;
      case 'passed':
        if (fate.delayMs === undefined) forward({ near, answer, body, call, unheard: false });
        else setTimeout(() => forward({ near, answer, body, call, unheard: false }), fate.delayMs);
    }
  }

  function forward(passing: {
    readonly near: IncomingMessage;
    readonly answer: ServerResponse;
    readonly body: Buffer;
    readonly call: KubeCall;
    readonly unheard: boolean;
  }): void {
    const { near, answer, body, call, unheard } = passing;
    const drop = (): void => void near.socket.destroy();
    if (call.isWrite && writeHook?.('before', call) === 'drop') return drop();
    const far = httpsRequest(
      {
        host: '127.0.0.1',
        port: options.port,
        method: call.method,
        path: call.path,
        agent,
        headers: { ...near.headers, host: `127.0.0.1:${options.port}`, 'content-length': String(body.length) },
      },
      (response) => {
        response.on('error', drop);
        if (unheard || (call.isWrite && writeHook?.('after', call) === 'drop')) {
          response.resume();
          return drop();
        }
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
      },
    );
    far.on('error', drop);
    answer.on('close', () => far.destroy());
    far.end(body);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port, // a TCP server has an address of this kind
    setFate: (next) => {
      fateOf = next;
      // Watches that are open would not notice that the server is away.
      if (next !== undefined) server.closeAllConnections();
    },
    setWriteHook: (hook) => {
      writeHook = hook;
    },
    close: async () => {
      server.closeAllConnections();
      agent.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer); // no encoding is set
  return Buffer.concat(chunks);
}

function callOf(message: IncomingMessage, body: Buffer): KubeCall {
  const method = message.method ?? 'GET';
  const path = message.url ?? '/';
  const isWrite = WRITES.has(method) && !path.includes('dryRun=') && !path.includes('/selfsubject');
  return { method, path, isWrite, namespace: /\/namespaces\/([^/?]+)/.exec(path)?.[1] ?? namedIn(path, body) };
}

/** The name of a namespace that is being created is in the body only. */
function namedIn(path: string, body: Buffer): string | undefined {
  if (!/\/namespaces(\?|$)/.test(path)) return undefined;
  return /"name":"([^"]+)"/.exec(body.toString('utf8'))?.[1];
}

function refuse(answer: ServerResponse, status: 429 | 500): void {
  const reason = status === 429 ? 'TooManyRequests' : 'InternalError';
  const message = `the fault environment answers ${status}`;
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code: status };
  answer.writeHead(status, {
    'content-type': 'application/json',
    ...(status === 429 ? { 'retry-after': '1' } : {}),
  });
  answer.end(JSON.stringify(body));
}
