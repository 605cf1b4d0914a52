import type { Context } from 'hono';

/**
 * Sets the header `Link` of a page to the next one (RFC 8288): the path of the request with the given query parameters
 * changed. Undefined removes a parameter.
 */
export function linkToNext(c: Context, changes: Readonly<Record<string, string | undefined>>): void {
  const { pathname, searchParams } = new URL(c.req.url);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) searchParams.delete(name);
    else searchParams.set(name, value);
  }
  c.header('Link', `<${pathname}?${searchParams.toString()}>; rel="next"`);
}
