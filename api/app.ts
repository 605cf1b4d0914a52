import { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { etag, RETAINED_304_HEADERS } from 'hono/etag';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requestId } from 'hono/request-id';
import { secureHeaders } from 'hono/secure-headers';
import type { Logger } from '../telemetry/logger.ts';
import type { AppEnv } from './app-env.ts';
import { Problem } from './problems/problem.ts';
import type { Health } from './health/health.ts';
import { refuseBadInput } from './problems/input-errors.ts';
import { adminRoutes, type AdminRoutes } from './admin/routes.ts';
import { authorize } from './auth/authorize.ts';
import type { Authenticator } from './auth/authenticator.ts';
import { localOrigin } from './auth/local-origin.ts';
import { requestLog } from './middleware/request-log.ts';
import { whileShuttingDown } from './middleware/shutdown.ts';
import { respondToError } from './problems/respond.ts';
import { healthRoutes } from './health/routes.ts';
import { operationRoutes } from './operations/routes.ts';
import { orphanRoutes, type OrphanRoutes } from './orphans/routes.ts';
import { problemRoutes } from './problems/routes.ts';
import { storeRoutes } from './stores/routes.ts';
import type { WebUi } from './stores/present.ts';
import type { StoreService } from './stores/service.ts';
import { webhookRoutes, type WebhookRoutes } from './webhooks/routes.ts';

/** Maximum size of a request body. No valid request comes near it. */
const MAX_BODY_BYTES = 64 * 1024;
const MAX_CORRELATION_ID_LENGTH = 128;

/** Version and title of the OpenAPI document. */
export const OPENAPI_HEAD = {
  openapi: '3.1.0',
  info: {
    title: 'Store platform',
    version: '1',
    description: 'Creates, watches and deletes online stores.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: '/', description: 'The API that serves this document.' }],
};

/**
 * Creates the HTTP application without a socket: tests call `app.request()`, and a server uses the same application.
 */
export function createApp({
  stores,
  orphans,
  admin,
  webhooks,
  health,
  webUi,
  authenticators,
  allowedOrigins,
  log,
}: {
  readonly stores: StoreService;
  readonly orphans: OrphanRoutes;
  readonly admin: AdminRoutes;
  readonly webhooks: WebhookRoutes;
  readonly health: Health;
  readonly webUi: WebUi;
  /** The first one that finds its credential in a request decides. */
  readonly authenticators: readonly Authenticator[];
  /** Origins at which clients reach the API other than its own address. Default: none. */
  readonly allowedOrigins?: readonly string[];
  readonly log: Logger;
}): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>({ defaultHook: refuseBadInput });

  app.use(requestId({ headerName: 'X-Correlation-ID', limitLength: MAX_CORRELATION_ID_LENGTH }));
  app.use(requestLog(log));
  app.use(
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
      xFrameOptions: 'DENY',
    }),
  );
  app.use(async (c, next) => {
    c.header('Cache-Control', 'no-store');
    await next();
  });
  app.use(whileShuttingDown(health));
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        const allow = methods.join(', ');
        const problem = new Problem(
          'METHOD_NOT_ALLOWED',
          `The path does not support this method. It supports ${allow}.`,
          {
            headers: { Allow: allow },
          },
        );
        return respondToError(problem, c);
      },
    }),
  );
  app.use('/api/*', etag({ retainedHeaders: [...RETAINED_304_HEADERS, 'x-correlation-id'] }));
  app.use('/api/*', localOrigin(allowedOrigins), authorize(app, authenticators));
  const limitBody = bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: () => {
      throw new Problem('BODY_TOO_LARGE', `The body has more than ${MAX_BODY_BYTES} bytes.`);
    },
  });
  app.use('/api/stores/*', limitBody);
  app.use('/api/webhooks/*', limitBody);

  app.route('/api', storeRoutes({ stores, webUi }));
  app.route('/api', operationRoutes({ stores, webUi }));
  app.route('/api', orphanRoutes(orphans));
  app.route('/api', adminRoutes(admin));
  app.route('/api', webhookRoutes(webhooks));
  app.route('/health', healthRoutes(health));
  app.route('/', problemRoutes());
  app.doc31('/openapi.json', OPENAPI_HEAD);

  app.notFound((c) => respondToError(new Problem('ROUTE_NOT_FOUND', 'The API has no such path.'), c));
  app.onError(respondToError);
  return app;
}
