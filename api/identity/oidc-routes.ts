import { Hono, type Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { AppEnv } from '../app-env.ts';
import { IssuerUnavailable } from '../auth/company-issuer.ts';
import { ownPath } from '../auth/own-path.ts';
import { browserOf } from './browser.ts';
import type { Identification } from './identity.ts';
import type { LoginFailure, OidcLogins } from './oidc-logins.ts';

const CALLBACK = '/api/login/oidc/callback';
/** The cookie is for the callback only. */
const COOKIE_PATH = '/api/login/oidc';

/**
 * The routes of the login at the company issuer. Only browsers use them, and they only redirect, so they are not part of the
 * OpenAPI document.
 */
export function oidcRoutes({ oidc, logins, cookie, publicUrl }: Identification) {
  const routes = new Hono<AppEnv>();
  const isSecure = publicUrl?.startsWith('https:') === true;
  const cookieName = isSecure ? '__Secure-store_platform_login' : 'store_platform_login';
  const cookieOptions = { path: COOKIE_PATH, httpOnly: true, sameSite: 'Lax', secure: isSecure } as const;

  function offered(): OidcLogins {
    logins.assertOffered('oidc');
    if (oidc === undefined) throw new Error('AUTH has oidc, but there is no issuer');
    return oidc;
  }

  routes.get('/login/oidc', async (c) => {
    const service = offered();
    try {
      const next = ownPath(c.req.query('next'));
      const { url, secret, maxAgeSeconds } = await service.begin({ redirectUri: callbackOf(c, publicUrl).href, next });
      setCookie(c, cookieName, secret, { ...cookieOptions, maxAge: maxAgeSeconds });
      return c.redirect(url.href, 302);
    } catch (error) {
      if (error instanceof IssuerUnavailable) return failed(c, 'unavailable', error.cause);
      throw error;
    }
  });

  routes.get('/login/oidc/callback', async (c) => {
    const service = offered();
    const secret = getCookie(c, cookieName);
    deleteCookie(c, cookieName, cookieOptions);
    const url = callbackOf(c, publicUrl);
    url.search = new URL(c.req.url).search;
    const result = await service.finish({ url, secret });
    if (result.kind === 'failed') return failed(c, result.reason, result.cause);
    cookie.set(c, await logins.startSession(result.userId, browserOf(c, cookie), 'loginAtIssuer'));
    return c.redirect(result.next, 302);
  });

  return routes;
}

function failed(c: Context<AppEnv>, reason: LoginFailure, cause: unknown) {
  c.var.log.warn({ err: cause, reason }, 'a login at the company issuer failed');
  return c.redirect(`/login?error=${reason}`, 302);
}

/** Returns the address to which the issuer returns the browser. The Host header was checked before. */
function callbackOf(c: Context<AppEnv>, publicUrl: string | undefined): URL {
  return new URL(CALLBACK, publicUrl ?? `http://${c.req.header('host') ?? new URL(c.req.url).host}`);
}
