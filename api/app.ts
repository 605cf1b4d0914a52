import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { except } from 'hono/combine';
import { etag, RETAINED_304_HEADERS } from 'hono/etag';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requestId } from 'hono/request-id';
import { secureHeaders } from 'hono/secure-headers';
import type { AuditReader, AuditSink } from '../domain/ports/audit.ts';
import type { QuotaRecords } from '../domain/ports/quota-records.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Tracing } from '../telemetry/tracing/tracing.ts';
import type { AppEnv } from './app-env.ts';
import { createDashboard } from './dashboard/dashboard.ts';
import { Problem } from './problems/problem.ts';
import type { Health } from './health/health.ts';
import { refuseBadInput } from './problems/input-errors.ts';
import { docsRoutes } from './docs/routes.ts';
import { apiDocument } from './document/document.ts';
import { clusterRoutes } from './admin/clusters.ts';
import { adminRoutes, type AdminRoutes } from './admin/routes.ts';
import { scheduleRoutes } from './admin/schedules.ts';
import { tenantListRoutes } from './admin/tenant-lists.ts';
import { audit } from './audit/middleware.ts';
import { auditRoutes } from './audit/routes.ts';
import { authorize } from './auth/authorize.ts';
import type { Authenticator } from './auth/authenticator.ts';
import { localOrigin } from './auth/local-origin.ts';
import { wantsStream } from './events/event-stream.ts';
import type { LiveProgress } from './events/live.ts';
import { eventRoutes } from './events/routes.ts';
import { identifyClient } from './middleware/client-address.ts';
import { crossOrigin } from './middleware/cross-origin.ts';
import { limitBodyDepth, limitBodySize, limitUrl } from './middleware/input-limits.ts';
import { identityRoutes } from './identity/routes.ts';
import { oidcRoutes } from './identity/oidc-routes.ts';
import type { Identification } from './identity/identity.ts';
import { limitAddress, limitPrincipal } from './limits/middleware.ts';
import type { RequestLimits } from './limits/request-limits.ts';
import type { RequestObserver } from './metrics/request-metrics.ts';
import { requestMetrics } from './middleware/request-metrics.ts';
import { requestLog } from './middleware/request-log.ts';
import { traceRequests } from './middleware/trace-requests.ts';
import { whileShuttingDown } from './middleware/shutdown.ts';
import { respondToError } from './problems/respond.ts';
import { healthRoutes } from './health/routes.ts';
import { operationRoutes } from './operations/routes.ts';
import { orphanRoutes, type OrphanRoutes } from './orphans/routes.ts';
import type { DeviceDecisions } from './pages/device.ts';
import { PAGE_PATHS, pageRoutes } from './pages/routes.ts';
import { problemRoutes } from './problems/routes.ts';
import { createAcceptance } from './tenants/accept-invitation.ts';
import type { TenancyOptions } from './tenants/context.ts';
import { tenancyRoutes } from './tenants/routes.ts';
import { statisticsRoutes } from './statistics/routes.ts';
import { quotaRoutes } from './quota/routes.ts';
import type { CredentialAccess } from './stores/credentials.ts';
import { credentialRoutes } from './stores/credentials-routes.ts';
import { storeRoutes } from './stores/routes.ts';
import type { WebUi } from './stores/present.ts';
import type { StoreService } from './stores/service.ts';
import { describeMessages, webhookRoutes } from './webhooks/routes.ts';
import type { WebhookService } from './webhooks/service.ts';

/** Responses of the API are data: a browser that shows one must not load or run anything. */
const API_POLICY = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] };
const MAX_CORRELATION_ID_LENGTH = 128;
/** Paths that the dashboard never answers, each with the paths below it. */
const API_PATHS = [
  '/api',
  '/docs',
  '/health',
  '/problems',
  '/openapi.json',
  ...PAGE_PATHS.map((path) => path.replace('/*', '')),
];
/** Responses with secrets. The tag of a response is a hash of its content. */
const NEVER_TAGGED = '/api/stores/:id/credentials';
/** Headers that a 304 response keeps, besides those of RFC 9110. */
const HEADERS_OF_304 = ['x-correlation-id', 'access-control-allow-origin', 'access-control-expose-headers'];

/**
 * Creates the HTTP application without a socket: tests call `app.request()`, and a server uses the same application.
 */
export function createApp({
  stores,
  live,
  orphans,
  admin,
  tenancy,
  credentials,
  webhooks,
  auditLog,
  quotas,
  limits,
  requests,
  tracing,
  health,
  webUi,
  identification,
  devices,
  authenticators,
  allowedOrigins = [],
  corsOrigins,
  trustedProxyHops = 0,
  dashboardFolder,
  log,
}: {
  readonly stores: StoreService;
  readonly live: LiveProgress;
  readonly orphans: OrphanRoutes;
  readonly admin: AdminRoutes;
  readonly tenancy: TenancyOptions;
  /** The access to the credentials of stores. Default: the API has no access to the cluster. */
  readonly credentials?: CredentialAccess | undefined;
  /** Default: webhooks are off. */
  readonly webhooks?: WebhookService | undefined;
  readonly auditLog: AuditSink & AuditReader;
  readonly quotas: QuotaRecords;
  /** Default: the number of requests is not limited. */
  readonly limits?: RequestLimits | undefined;
  /** Counts the requests. Default: nothing does. */
  readonly requests?: RequestObserver | undefined;
  /** Records a span for each request. Default: nothing does. */
  readonly tracing?: Tracing | undefined;
  readonly health: Health;
  readonly webUi: WebUi;
  /** Logins, sessions and the pages for people. */
  readonly identification: Identification;
  /** Logins of the command line. Default: there are none. */
  readonly devices?: DeviceDecisions | undefined;
  /** The first one that finds its credential in a request decides. */
  readonly authenticators: readonly Authenticator[];
  /** Origins at which clients reach the API other than its own address. Default: none. */
  readonly allowedOrigins?: readonly string[];
  /** Origins of other pages that may use the API with a token. Default: none. */
  readonly corsOrigins?: readonly string[];
  /** Number of proxies in front of the API whose `X-Forwarded-For` is true. Default: 0. */
  readonly trustedProxyHops?: number;
  /** The built dashboard. Default: the one beside the API. */
  readonly dashboardFolder?: string | undefined;
  readonly log: Logger;
}): OpenAPIHono<AppEnv> {
  const app = new OpenAPIHono<AppEnv>({ defaultHook: refuseBadInput });
  let document: string | undefined;

  if (tracing !== undefined) app.use(traceRequests(tracing));
  if (requests !== undefined) app.use(requestMetrics(requests));
  app.use(requestId({ headerName: 'X-Correlation-ID', limitLength: MAX_CORRELATION_ID_LENGTH }));
  app.use(identifyClient(trustedProxyHops));
  app.use(requestLog(log));
  const dashboard = createDashboard(API_PATHS, dashboardFolder);
  // The pages for people have policies of their own.
  const apiHeaders = secureHeaders({ contentSecurityPolicy: API_POLICY, xFrameOptions: 'DENY' });
  app.use(
    except(['/docs', ...PAGE_PATHS], (c, next) => (dashboard.isAsked(c) ? dashboard.headers : apiHeaders)(c, next)),
  );
  app.use(async (c, next) => {
    c.header('Cache-Control', 'no-store');
    await next();
  });
  app.use(whileShuttingDown(health));
  app.use(limitUrl);
  app.use('/api/*', crossOrigin(corsOrigins));
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
  const tags = etag({ retainedHeaders: [...RETAINED_304_HEADERS, ...HEADERS_OF_304] });
  // A stream has no end, and a tag would need its whole body.
  app.use('/api/*', except([NEVER_TAGGED, isEventStream], tags));
  app.use('/api/*', localOrigin(allowedOrigins, corsOrigins));
  if (limits !== undefined) app.use('/api/*', limitAddress(limits));
  app.use(
    '/api/*',
    audit(auditLog, () => new Date()),
    authorize(app, authenticators),
  );
  if (limits !== undefined) app.use('/api/*', limitPrincipal(limits));
  app.use('/api/*', limitBodySize, limitBodyDepth);

  app.route('/api', storeRoutes({ stores, webUi }));
  app.route('/api', credentialRoutes(stores, credentials));
  app.route('/api', operationRoutes({ stores, polls: live.polls, expected: live.expected, webUi }));
  app.route('/api', eventRoutes({ stores, streams: live.streams, webUi }));
  app.route('/api', orphanRoutes(orphans));
  app.route('/api', adminRoutes(admin));
  app.route('/api', tenantListRoutes({ records: admin.records, webUi }));
  app.route('/api', scheduleRoutes(admin.schedules, admin.clusters));
  app.route('/api', clusterRoutes(admin.clusters, admin.now));
  app.route('/api', statisticsRoutes(admin.statistics, admin.now));
  app.route('/api', tenancyRoutes({ ...tenancy, authenticators }));
  app.route('/api', identityRoutes(identification));
  app.route('/api', oidcRoutes(identification));
  app.route(
    '/',
    pageRoutes(
      { identification, devices, acceptance: createAcceptance(tenancy), auditLog },
      authenticators,
      allowedOrigins,
    ),
  );
  app.route('/health', healthRoutes(health, identification.authentication, admin.clusters));
  app.route('/api', webhookRoutes(webhooks));
  describeMessages(app);
  app.route('/api', auditRoutes(auditLog));
  app.route('/api', quotaRoutes(quotas));
  app.route('/', problemRoutes());
  app.route('/docs', docsRoutes());
  app.get('/openapi.json', (c) => {
    document ??= JSON.stringify(apiDocument(app));
    return c.body(document, 200, { 'Content-Type': 'application/json' });
  });

  // The last handler: every path that is not of the API is one of the dashboard.
  app.use(dashboard.serve);
  app.notFound((c) => respondToError(new Problem('ROUTE_NOT_FOUND', 'The API has no such path.'), c));
  app.onError(respondToError);
  return app;
}

/** Returns whether the response of a request will be a stream of events. */
function isEventStream(c: Context): boolean {
  return c.req.path.endsWith('/events') && wantsStream(c.req.header('accept'));
}
