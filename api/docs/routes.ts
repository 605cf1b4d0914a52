import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { AppEnv } from '../app-env.ts';
import { Problem } from '../problems/problem.ts';
import { docsPage, readAssets, type Asset } from './assets.ts';

/** The page loads only files of the API, runs no inline code and has no inline style. */
const PAGE_POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};
const FOREVER = 'public, max-age=31536000, immutable';

/** The pages below `/docs`: the OpenAPI document for people. They are not operations of the API. */
export function docsRoutes() {
  const routes = new Hono<AppEnv>();
  let reading: Promise<readonly Asset[]> | undefined;
  const assets = () => (reading ??= readAssets());

  routes.get('/', secureHeaders({ contentSecurityPolicy: PAGE_POLICY, xFrameOptions: 'DENY' }), async (c) =>
    c.html(docsPage(await assets())),
  );

  routes.get('/:hash/:file', async (c) => {
    const asset = (await assets()).find(({ path }) => path === c.req.path);
    if (asset === undefined) throw new Problem('ROUTE_NOT_FOUND', 'The API has no such path.');
    const isCompressed = /\bgzip\b/.test(c.req.header('accept-encoding') ?? '');
    c.header('Content-Type', asset.type);
    c.header('Cache-Control', FOREVER);
    c.header('Vary', 'Accept-Encoding');
    if (isCompressed) c.header('Content-Encoding', 'gzip');
    return c.body(new Uint8Array(isCompressed ? asset.compressed : asset.content));
  });

  return routes;
}
