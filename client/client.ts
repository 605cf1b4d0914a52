import createClient, { type Client } from 'openapi-fetch';
import { ApiError, isProblem } from './errors.ts';
import { retryingFetch } from './retrying-fetch.ts';
import type { paths } from './schema.d.ts';

export interface ClientOptions {
  /** Address of the API, such as `http://localhost:3001`. */
  readonly baseUrl: string;
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
export function createStorePlatformClient({ baseUrl, headers = {}, fetch = globalThis.fetch }: ClientOptions) {
  const client: StorePlatformClient = createClient<paths>({
    baseUrl,
    headers,
    fetch: retryingFetch({ fetch }),
  });
  client.use({
    async onResponse({ response }) {
      if (response.ok || response.status === 304) return;
      throw new ApiError(response.status, await problemOf(response));
    },
  });
  return client;
}

async function problemOf(response: Response) {
  const body: unknown = await response.json().catch(() => undefined);
  return isProblem(body) ? body : undefined;
}
