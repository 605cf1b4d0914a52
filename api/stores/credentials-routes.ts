import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import { engineSpec } from '../../domain/engines/index.ts';
import type { AppEnv } from '../app-env.ts';
import { StoreCredentials } from '../contract/credentials.ts';
import { StoreIdParams } from '../contract/store.ts';
import { problemResponses } from '../problems/responses.ts';
import { credentialsVerb, type CredentialAccess } from './credentials.ts';
import { urlsOf } from './present.ts';
import { requestOf } from './routes.ts';
import type { StoreService } from './service.ts';

const getStoreCredentials = createRoute({
  operationId: 'getStoreCredentials',
  method: 'get',
  path: '/stores/{id}/credentials',
  summary: 'Get the sign-in to the admin pages of a store',
  description:
    'Reads the Secret of the store in the cluster at the moment of the request. Each response is in the audit log. Do not store it.',
  request: { params: StoreIdParams },
  responses: {
    200: { description: 'The credentials.', content: { 'application/json': { schema: StoreCredentials } } },
    ...problemResponses(
      'HOST_NOT_ALLOWED',
      'STORE_NOT_FOUND',
      'CREDENTIALS_NOT_FOUND',
      'DATABASE_UNAVAILABLE',
      'CLUSTER_NOT_CONFIGURED',
      'CLUSTER_UNAVAILABLE',
      'CLUSTER_REFUSED',
    ),
  },
});

/** The route that returns the credentials of a store. Without an access to the cluster, it only says so. */
export function credentialRoutes(stores: Pick<StoreService, 'get'>, access?: CredentialAccess) {
  const readCredentials = credentialsVerb(stores, access);
  const routes = new OpenAPIHono<AppEnv>();
  routes.openapi(getStoreCredentials, async (c) => {
    const { principal } = c.var.identity;
    const { store, credentials } = await readCredentials(requestOf(c), principal, c.req.valid('param').id);
    const { loginKind } = engineSpec(store.engine).adminCredentials;
    const { storefront, admin } = urlsOf(store);
    return c.json(
      {
        storeId: store.id,
        engine: store.engine,
        admin: { url: admin, login: credentials.login, loginKind, password: credentials.password },
        storefrontUrl: storefront,
      },
      200,
    );
  });
  return routes;
}
