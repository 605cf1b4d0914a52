import { KubeConfig } from '@kubernetes/client-node';
import { Pool } from 'undici';

/** JSON of a Kubernetes object. The seeds are copied as JSON: typed objects would take most of the time of a run. */
export type Json = Record<string, unknown>;

/** Requests and bytes of the API server since its start. */
export interface ApiServerCounters {
  readonly atMs: number;
  /** Requests by verb. Watches are left out: they are open for minutes. */
  readonly requests: ReadonlyMap<string, number>;
  /** Bytes of the answers to reads and lists. */
  readonly answerBytes: number;
  /** Size of the database of etcd in bytes. */
  readonly databaseBytes: number;
}

/** The API server of the local stack, over plain HTTP requests. */
export interface ApiServer {
  list(path: string): Promise<readonly Json[]>;
  create(path: string, object: Json): Promise<Json>;
  setStatus(path: string, status: unknown): Promise<void>;
  remove(path: string): Promise<void>;
  counters(): Promise<ApiServerCounters>;
  close(): Promise<void>;
}

const CONNECTIONS = 24;

/** @throws Error when the kubeconfig does not exist. */
export function openApiServer(kubeconfig: string): ApiServer {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const [cluster, user] = [config.getCurrentCluster(), config.getCurrentUser()];
  const http = new Pool(cluster?.server ?? '', {
    connections: CONNECTIONS,
    headersTimeout: 60_000,
    connect: { ca: decoded(cluster?.caData), cert: decoded(user?.certData), key: decoded(user?.keyData) },
  });

  async function send(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<string> {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const response = await http.request({
      method,
      path,
      headers: { 'content-type': type, accept: 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.body.text();
    if (response.statusCode >= 300) throw new Error(`${method} ${path}: ${response.statusCode} ${text.slice(0, 500)}`);
    return text;
  }

  const json = async (...request: Parameters<typeof send>) => JSON.parse(await send(...request)) as Json;

  return {
    list: async (path) => (await json('GET', path))['items'] as readonly Json[],
    create: (path, object) => json('POST', path, object),
    setStatus: async (path, status) => void (await send('PATCH', `${path}/status`, { status })),
    remove: async (path) => void (await send('DELETE', path)),
    counters: async () => parseCounters(await send('GET', '/metrics')),
    close: () => http.close(),
  };
}

function decoded(base64: string | undefined): string {
  return Buffer.from(base64 ?? '', 'base64').toString();
}

const IS_WATCH = /^(?:WATCH|CONNECT)$/;

/** Returns the counters from the text of `/metrics`. */
export function parseCounters(metrics: string, atMs = performance.now()): ApiServerCounters {
  const requests = new Map<string, number>();
  let answerBytes = 0;
  let databaseBytes = 0;
  for (const line of metrics.split('\n')) {
    const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
    const label = (key: string) => new RegExp(`(?:^|,)${key}="([^"]*)"`).exec(labels)?.[1] ?? '';
    if (name === 'apiserver_request_total' && !IS_WATCH.test(label('verb'))) {
      requests.set(label('verb'), (requests.get(label('verb')) ?? 0) + Number(value));
    }
    if (name === 'apiserver_response_sizes_sum' && !IS_WATCH.test(label('verb'))) answerBytes += Number(value);
    if (name === 'apiserver_storage_size_bytes') databaseBytes += Number(value);
  }
  return { atMs, requests, answerBytes, databaseBytes };
}

/** Work of the API server in an interval, less the work of an interval without requests. */
export interface ApiServerWork {
  readonly requests: number;
  readonly bytes: number;
}

/** @param idle An interval of the same length without the measured work; its work is subtracted in proportion to the time. */
export function workBetween(
  [from, to]: readonly [ApiServerCounters, ApiServerCounters],
  idle: readonly [ApiServerCounters, ApiServerCounters],
): ApiServerWork {
  const share = (to.atMs - from.atMs) / (idle[1].atMs - idle[0].atMs);
  const between = (pair: readonly [ApiServerCounters, ApiServerCounters], of: (one: ApiServerCounters) => number) =>
    of(pair[1]) - of(pair[0]);
  const net = (of: (one: ApiServerCounters) => number) =>
    Math.max(0, between([from, to], of) - share * between(idle, of));
  return { requests: net(totalOf), bytes: net(({ answerBytes }) => answerBytes) };
}

function totalOf({ requests }: ApiServerCounters): number {
  return [...requests.values()].reduce((sum, count) => sum + count, 0);
}
