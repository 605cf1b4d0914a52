import { createStorePlatformClient } from '@store-platform/client';
import { chosenTenant } from './tenant.ts';

/** The client of the API. It sends the session cookie of the browser, and the tenant that this tab has chosen. */
export const api = createStorePlatformClient({
  baseUrl: location.origin,
  fetch: async (request) => {
    const tenant = chosenTenant();
    // A caller may name another tenant, such as an operator who looks at it.
    if (tenant !== undefined && !request.headers.has('X-Tenant-ID')) request.headers.set('X-Tenant-ID', tenant);
    return await fetch(request);
  },
});

/** Returns the data of a response. The client throws for every error response, so only an empty response has none. */
export function dataOf<T>({ data, response }: { readonly data?: T; readonly response: Response }): T {
  if (data === undefined) throw new Error(`The response to ${response.url} has no content.`);
  return data;
}
