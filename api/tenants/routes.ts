import { OpenAPIHono } from '@hono/zod-openapi';
import type { AppEnv } from '../app-env.ts';
import type { TenancyRoutes } from './context.ts';
import { deviceRoutes } from './device.ts';
import { invitationRoutes } from './invitations.ts';
import { memberRoutes } from './members.ts';
import { serviceAccountRoutes } from './service-accounts.ts';
import { tenantRoutes } from './tenants.ts';
import { tokenRoutes } from './tokens.ts';

/** The routes of tenants, members, invitations, service accounts, API tokens and logins of the command line. */
export function tenancyRoutes(options: TenancyRoutes) {
  const routes = new OpenAPIHono<AppEnv>();
  routes.route('/', tenantRoutes(options));
  routes.route('/', memberRoutes(options));
  routes.route('/', invitationRoutes(options));
  routes.route('/', serviceAccountRoutes(options));
  routes.route('/', tokenRoutes(options));
  routes.route('/', deviceRoutes(options));
  return routes;
}
