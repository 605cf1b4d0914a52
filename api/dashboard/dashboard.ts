import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serveStatic } from '@hono/node-server/serve-static';
import type { Context, MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import { html } from 'hono/html';
import { secureHeaders } from 'hono/secure-headers';
import type { AppEnv } from '../app-env.ts';

/** The build of `dashboard/`, beside the sources of the API or beside its compiled files. */
const BUILT_DASHBOARD = fileURLToPath(new URL('../../dashboard/dist', import.meta.url));
const FOREVER = 'public, max-age=31536000, immutable';
/** Names of these files contain a hash of their content. */
const HASHED_FILES = '/assets/';

/** The page loads only files of the API, and runs no inline code. */
const PAGE_POLICY = {
  defaultSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
};

export interface Dashboard {
  /** Returns whether the dashboard answers a request: a read of one of its files or of one of its pages. */
  readonly isAsked: (c: Context) => boolean;
  readonly headers: MiddlewareHandler;
  /** Sends a file of the dashboard. Every other path that a browser opens is a page, and gets index.html. */
  readonly serve: MiddlewareHandler<AppEnv>;
}

/**
 * Serves the built dashboard.
 *
 * @param apiPaths Paths that the dashboard never answers, each with all paths below it.
 * @param folder The build. It may appear while the API runs.
 */
export function createDashboard(apiPaths: readonly string[], folder = BUILT_DASHBOARD): Dashboard {
  let files: MiddlewareHandler | undefined;

  function builtFiles(): MiddlewareHandler | undefined {
    if (!existsSync(join(folder, 'index.html'))) return undefined;
    files ??= serveStatic({
      root: folder,
      precompressed: true,
      rewriteRequestPath: (path) => (isFile(path) ? path : '/index.html'),
    });
    return files;
  }

  function isAsked({ req }: Context): boolean {
    if (req.method !== 'GET' && req.method !== 'HEAD') return false;
    if (apiPaths.some((each) => req.path === each || req.path.startsWith(`${each}/`))) return false;
    return isFile(req.path) || /\btext\/html\b/.test(req.header('accept') ?? '');
  }

  return {
    isAsked,
    headers: secureHeaders({
      contentSecurityPolicy: PAGE_POLICY,
      xFrameOptions: 'DENY',
      referrerPolicy: 'same-origin',
    }),
    serve: createMiddleware<AppEnv>(async (c, next) => {
      if (!isAsked(c)) return await next();
      const { path } = c.req;
      const serve = builtFiles();
      if (serve === undefined) return isFile(path) ? await next() : c.html(missingBuild, 503);
      let isFound = true;
      const response = await serve(c, async () => {
        isFound = false;
        await next();
      });
      if (isFound) response?.headers.set('Cache-Control', path.startsWith(HASHED_FILES) ? FOREVER : 'no-cache');
      return response;
    }),
  };
}

/** Returns whether a path names a file: its last part has an ending. Ids of stores and tenants have none. */
function isFile(path: string): boolean {
  return /\.[a-z0-9]+$/.test(path);
}

const missingBuild = html`<!doctype html>
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <title>Store platform</title>
    </head>
    <body>
      <h1>The dashboard is not built</h1>
      <p>
        Run <code>npm run build</code> and load this page again. The API works without the dashboard: its documentation
        is at <a href="/docs">/docs</a>.
      </p>
    </body>
  </html>`;
