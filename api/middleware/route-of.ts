import type { Context } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { AppEnv } from '../app-env.ts';

/** Returns the path of the route of a request with its parameters. Undefined: only paths of middleware match. */
export function routeOf(c: Context<AppEnv>): string | undefined {
  const { operation } = c.var as Partial<AppEnv['Variables']>;
  return operation?.path ?? matchedRoutes(c).findLast(({ path }) => !path.includes('*'))?.path;
}
