import type { paths } from '@store-platform/client';
import type { Page } from 'playwright-core';

/** Paths of the API that can be read. */
type ReadPath = { [P in keyof paths]: paths[P]['get'] extends object ? P : never }[keyof paths];

/** The body of the successful response to a request that reads. */
type ResponseBody<P extends ReadPath> = paths[P]['get'] extends {
  responses: { 200: { content: { 'application/json': infer Body } } };
}
  ? Body
  : never;

/** A response for each path of the API, as the contract describes it. */
export type Fixtures = { readonly [P in ReadPath]?: ResponseBody<P> };

/**
 * Responds to all requests of a page to the API with fixtures. Returns the list of requests without a fixture, which grows as the
 * page sends them.
 */
export async function serveFixtures(page: Page, responses: Fixtures): Promise<readonly string[]> {
  const unknown: string[] = [];
  const fixtures = Object.entries(responses).map(([path, body]) => ({ pattern: patternOf(path), body }));
  await page.route(/\/(api|health)(\/|$)/, async (route) => {
    const request = route.request();
    // A stream that is not open yet: an ended one would show a banner.
    if (request.headers()['accept'] === 'text/event-stream') return;
    const { pathname } = new URL(request.url());
    const found = fixtures.find(({ pattern }) => pattern.test(pathname));
    if (request.method() === 'GET' && found !== undefined) return await route.fulfill({ json: found.body });
    unknown.push(`${request.method()} ${pathname}`);
    return await route.abort();
  });
  return unknown;
}

/** Returns the pattern of a path such as `/api/stores/{id}`. */
function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}
