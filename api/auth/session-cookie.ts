import type { Context } from 'hono';
import { deleteCookie, setCookie } from 'hono/cookie';
import { parse } from 'hono/utils/cookie';

const NAME = 'store_platform_session';
/** The form of a secret. Another text costs no query. */
const SECRET = /^[\w-]{43}$/;

/** The cookie with the secret of a browser session. */
export interface SessionCookie {
  /** Returns the secret in a Cookie header, or undefined. */
  read(cookieHeader: string | undefined): string | undefined;
  set(c: Context, session: { readonly secret: string; readonly expiresAt: Date }): void;
  clear(c: Context): void;
}

/**
 * Returns the cookie of an installation.
 *
 * @param isSecure Whether browsers reach the API over https. Then no other host of the domain can set the cookie (`__Host-`).
 */
export function sessionCookie(isSecure: boolean): SessionCookie {
  const name = isSecure ? `__Host-${NAME}` : NAME;
  const options = { path: '/', httpOnly: true, sameSite: 'Lax', secure: isSecure } as const;
  return {
    read: (header) => {
      const value = header === undefined ? undefined : parse(header, name)[name];
      return value !== undefined && SECRET.test(value) ? value : undefined;
    },
    set: (c, { secret, expiresAt }) => setCookie(c, name, secret, { ...options, expires: expiresAt }),
    clear: (c) => void deleteCookie(c, name, options),
  };
}
