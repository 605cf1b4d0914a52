import createClient, { type Client } from 'openapi-fetch';
import { ApiError, isProblem, oauthErrorOf } from './errors.ts';
import { retryingFetch } from './retrying-fetch.ts';
import type { paths } from './schema.d.ts';

export interface ClientOptions {
  /** Address of the API, such as `http://localhost:3001`. */
  readonly baseUrl: string;
  /** API token. Default: none, for a browser that has a session. */
  readonly token?: string | undefined;
  /** Tenant for which the requests act. Default: that of the token, or the first tenant of the user. */
  readonly tenant?: string | undefined;
  /** Headers of each request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the fetch of the platform. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/** The client of the API: `client.GET('/api/stores/{id}', …)`, with types from the OpenAPI document. */
export type StorePlatformClient = Client<paths>;

/**
 * Creates a client. Every method throws ApiError for an error response, and ConnectionError when the API does not
 * respond. Requests that are safe to repeat are repeated.
 */
export function createStorePlatformClient(options: ClientOptions) {
  const { baseUrl, token, tenant, headers = {}, fetch = (request) => globalThis.fetch(request) } = options;
  const client: StorePlatformClient = createClient<paths>({
    baseUrl,
    headers: {
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(tenant === undefined ? {} : { 'X-Tenant-ID': tenant }),
      ...headers,
    },
    fetch: retryingFetch({ fetch }),
  });
  client.use({
    async onResponse({ response }) {
      if (response.ok || response.status === 304) return;
      const body: unknown = await response.json().catch(() => undefined);
      throw new ApiError(response.status, isProblem(body) ? body : undefined, oauthErrorOf(body));
    },
  });
  return client;
}
