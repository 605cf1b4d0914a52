import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:https';
import { connect } from 'node:tls';
import type { BrowserContext } from 'playwright-core';

/** Names below `.localhost` are this machine. Node asks the C library, which may not resolve them. */
const HOST = '127.0.0.1';

export interface HttpsAnswer {
  readonly status: number;
  /** Value of the header `Location`, as the store sends it. */
  readonly location: string | undefined;
  readonly body: string;
}

/** Sends a request to a store over https. @throws Error if an authority other than `ca` has issued its certificate. */
export async function httpsRequest(
  url: URL,
  {
    ca,
    ...options
  }: {
    readonly ca: string | undefined;
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  },
): Promise<HttpsAnswer> {
  const headers = { host: url.host, 'accept-encoding': 'identity', ...options.headers };
  const { hostname: servername, port, pathname, search } = url;
  const to = { host: HOST, port, servername, path: pathname + search, method: options.method ?? 'GET', headers };
  return new Promise((resolve, reject) => {
    const sent = request({ ...to, agent: false, ...(ca === undefined ? {} : { ca }) }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.once('error', reject);
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, location: response.headers.location, body }),
      );
    });
    sent.once('error', reject).end(options.body);
  });
}

/** Returns the hash of the public key with which the certificate of a store is signed, as Chromium expects it. */
export async function issuerKeyOf({ hostname, port }: URL, ca: string): Promise<string> {
  const socket = connect({ host: HOST, port: Number(port), servername: hostname, ca });
  try {
    await once(socket, 'secureConnect');
    const key = socket.getPeerX509Certificate()?.issuerCertificate?.publicKey;
    if (key === undefined) throw new Error(`${hostname} presents its certificate without the one of its issuer`);
    return createHash('sha256')
      .update(key.export({ type: 'spki', format: 'der' }))
      .digest('base64');
  } finally {
    socket.destroy();
  }
}

/** The requests of a browser and their answers. */
export interface Traffic {
  /** URLs of all requests, also of blocked ones, without those of pages in memory. */
  readonly urls: readonly string[];
  /** All headers `Set-Cookie` that set a value. */
  readonly cookies: readonly string[];
  /** The HTML of all pages, by URL. */
  readonly pages: ReadonlyMap<string, string>;
}

/** Records the traffic of all pages of a context. Call the returned function before the context is closed. */
export function watchTraffic(context: BrowserContext): () => Promise<Traffic> {
  const urls: string[] = [];
  const cookies: string[] = [];
  const pages = new Map<string, string>();
  const reads: Promise<void>[] = [];
  context.on('request', (sent) => {
    if (/^(?:https?|wss?):/.test(sent.url())) urls.push(sent.url());
  });
  context.on('response', (response) => {
    const isRedirect = response.status() >= 300 && response.status() < 400;
    const isPage = response.request().resourceType() === 'document' && !isRedirect;
    const read = async (): Promise<void> => {
      const headers = await response.headersArray();
      cookies.push(
        ...headers
          .filter(({ name, value }) => /^set-cookie$/i.test(name) && !isDeletion(value))
          .map(({ value }) => value),
      );
      if (isPage) pages.set(response.url(), await response.text());
    };
    reads.push(read());
  });
  return async () => {
    await Promise.all(reads);
    return { urls, cookies, pages };
  };
}

/** A deleted cookie has no value that a client could reveal. */
function isDeletion(cookie: string): boolean {
  return /;\s*max-age=0\s*(?:;|$)/i.test(cookie);
}
