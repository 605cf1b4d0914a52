import type { Context } from 'hono';
import type { Identity } from '../../domain/access/principal.ts';
import type { AppEnv } from '../app-env.ts';

/** Returns who sent a request, or undefined without a valid credential. */
export type Identify = (c: Context<AppEnv>) => Promise<Identity | undefined>;

/** Shows a page to an authenticated person. Sends any other one to the login page, which leads back. */
export async function signedIn(
  c: Context<AppEnv>,
  identify: Identify,
  show: (identity: Identity) => Promise<Response>,
): Promise<Response> {
  const identity = await identify(c);
  if (identity !== undefined) return await show(identity);
  const { pathname, search } = new URL(c.req.url);
  return c.redirect(`/login?next=${encodeURIComponent(`${pathname}${search}`)}`, 303);
}
