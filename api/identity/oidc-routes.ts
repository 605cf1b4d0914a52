import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { AppEnv } from '../app-env.ts';
import { IssuerUnavailable } from '../auth/company-issuer.ts';
import { ownPath } from '../auth/own-path.ts';
import { publicProblemResponses } from '../problems/responses.ts';
import { browserOf } from './browser.ts';
import type { Identification } from './identity.ts';
import type { LoginFailure, OidcLogins } from './oidc-logins.ts';

const CALLBACK = '/api/login/oidc/callback';
/** The cookie is for the callback only. */
const COOKIE_PATH = '/api/login/oidc';

const redirect = {
  description: 'A redirect for the browser.',
  headers: z.object({ Location: z.string() }),
};

const startOidcLogin = createRoute({
  operationId: 'startOidcLogin',
  method: 'get',
  path: '/login/oidc',
  summary: 'Log in at the issuer of the company',
  description:
    'For browsers. Redirects to the issuer, which returns the browser to `/api/login/oidc/callback`; with an error to `/login`.',
  request: {
    query: z.strictObject({
      next: z
        .string()
        .max(500)
        .optional()
        .openapi({ description: 'Path of the API to which the browser goes after the login.', example: '/account' }),
    }),
  },
  responses: {
    302: redirect,
    ...publicProblemResponses('HOST_NOT_ALLOWED', 'INVALID_REQUEST', 'LOGIN_METHOD_DISABLED', 'DATABASE_UNAVAILABLE'),
  },
});

const finishOidcLogin = createRoute({
  operationId: 'finishOidcLogin',
  method: 'get',
  path: '/login/oidc/callback',
  summary: 'Return from the issuer of the company',
  description:
    'For browsers. Sets the session cookie and redirects to the path that the login began with, or to `/login` with the reason why the login failed.',
  request: {
    query: z.object({
      state: z.string().optional(),
      code: z.string().optional(),
      error: z.string().optional().openapi({ description: 'Why the issuer refused the login.' }),
    }),
  },
  responses: {
    302: redirect,
    ...publicProblemResponses('HOST_NOT_ALLOWED', 'INVALID_REQUEST', 'LOGIN_METHOD_DISABLED', 'DATABASE_UNAVAILABLE'),
  },
});

/** The routes of the login at the company issuer. */
export function oidcRoutes({ oidc, logins, cookie, publicUrl }: Identification) {
  const routes = new OpenAPIHono<AppEnv>();
  const isSecure = publicUrl?.startsWith('https:') === true;
  const cookieName = isSecure ? '__Secure-store_platform_login' : 'store_platform_login';
  const cookieOptions = { path: COOKIE_PATH, httpOnly: true, sameSite: 'Lax', secure: isSecure } as const;

  function offered(): OidcLogins {
    logins.assertOffered('oidc');
    if (oidc === undefined) throw new Error('AUTH has oidc, but there is no issuer');
    return oidc;
  }

  function failed(c: Context<AppEnv>, reason: LoginFailure, cause: unknown) {
    c.var.log.warn({ err: cause, reason }, 'a login at the company issuer failed');
    return c.redirect(`/login?error=${reason}`, 302);
  }

  routes.openapi(startOidcLogin, async (c) => {
    const service = offered();
    try {
      const next = ownPath(c.req.valid('query').next);
      const { url, secret, maxAgeSeconds } = await service.begin({ redirectUri: callbackOf(c, publicUrl).href, next });
      setCookie(c, cookieName, secret, { ...cookieOptions, maxAge: maxAgeSeconds });
      return c.redirect(url.href, 302);
    } catch (error) {
      if (error instanceof IssuerUnavailable) return failed(c, 'unavailable', error.cause);
      throw error;
    }
  });

  routes.openapi(finishOidcLogin, async (c) => {
    const service = offered();
    const secret = getCookie(c, cookieName);
    deleteCookie(c, cookieName, cookieOptions);
    const url = callbackOf(c, publicUrl);
    url.search = new URL(c.req.url).search;
    const result = await service.finish({ url, secret });
    if (result.kind === 'failed') return failed(c, result.reason, result.cause);
    cookie.set(c, await logins.startSession(result.userId, browserOf(c, cookie)));
    return c.redirect(result.next, 302);
  });

  return routes;
}

/** Returns the address to which the issuer returns the browser. The Host header was checked before. */
function callbackOf(c: Context<AppEnv>, publicUrl: string | undefined): URL {
  return new URL(CALLBACK, publicUrl ?? `http://${c.req.header('host') ?? new URL(c.req.url).host}`);
}
