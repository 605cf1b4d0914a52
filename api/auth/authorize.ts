import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { matchedRoutes } from 'hono/route';
import { actorOf, type Identity } from '../../domain/access/principal.ts';
import { includesRole } from '../../domain/access/roles.ts';
import type { AppEnv, Caller, Operation } from '../app-env.ts';
import { Problem } from '../problems/problem.ts';
import { accessTo, type Access } from './access.ts';
import type { Authenticator } from './authenticator.ts';
import { readAheadOf, type ReadAhead } from './read-ahead.ts';

/** Header that names the tenant for which a request acts. */
export const TENANT_HEADER = 'X-Tenant-ID';

/**
 * Returns a middleware that authenticates each request to an operation, and refuses it unless the access table allows it.
 * A path without an operation passes: it has no handler.
 *
 * @throws Problem UNAUTHENTICATED, FORBIDDEN, INSUFFICIENT_SCOPE, TENANT_NOT_FOUND
 */
export function authorize(app: OpenAPIHono<AppEnv>, authenticators: readonly Authenticator[]) {
  let operations: ReadonlyMap<string, Operation> | undefined;
  return createMiddleware<AppEnv>(async (c, next) => {
    // The routes are complete only after the middleware is added.
    operations ??= operationsOf(app);
    const operation = operationOf(c, operations);
    if (operation !== undefined) {
      c.set('operation', operation);
      const access = accessTo(operation.id);
      if (access === undefined) throw new Problem('FORBIDDEN', `The access table has no row for ${operation.id}.`);
      if (access.needs !== 'public') await identify(c, access, authenticators, readAheadOf(operation.id, c.req.path));
    }
    await next();
  });
}

/** Returns the operation of each method and path of the application. */
function operationsOf(app: OpenAPIHono<AppEnv>): ReadonlyMap<string, Operation> {
  const operations = new Map<string, Operation>();
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== 'route') continue;
    const { method, path, operationId } = definition.route;
    if (operationId === undefined) throw new Error(`${method} ${path} has no operationId`);
    const pattern = path.replaceAll(/\{(\w+)\}/g, ':$1');
    operations.set(`${method.toUpperCase()} ${pattern}`, { id: operationId, path: pattern });
  }
  return operations;
}

function operationOf(c: Context<AppEnv>, operations: ReadonlyMap<string, Operation>): Operation | undefined {
  for (const { method, path } of matchedRoutes(c)) {
    const operation = operations.get(`${method} ${path}`);
    if (operation !== undefined) return operation;
  }
  return undefined;
}

async function identify(
  c: Context<AppEnv>,
  access: Access,
  authenticators: readonly Authenticator[],
  ahead: ReadAhead | undefined,
): Promise<void> {
  const identity = await identityOf(c, authenticators, ahead);
  c.set('identity', identity);
  c.set('ahead', ahead);
  assertScope(access, identity);
  const actor = actorOf(identity.principal);
  const { membership } = identity;
  if (membership !== null) c.set('caller', { tenantId: membership.tenantId, actor } satisfies Caller);
  c.set('log', c.var.log.child({ actor, ...(membership === null ? {} : { tenantId: membership.tenantId }) }));
  assertAllowed(c, access, identity);
}

/** Returns who sent a request to a page, or undefined without a valid credential. */
export async function findIdentity(
  c: Context<AppEnv>,
  authenticators: readonly Authenticator[],
): Promise<Identity | undefined> {
  const presented = presentedTo(c, authenticators);
  return await presented?.authenticator.authenticate(presented.credential, undefined);
}

/** Returns the credential of a request, and the first authenticator that checks it. */
function presentedTo(c: Context<AppEnv>, authenticators: readonly Authenticator[]) {
  for (const authenticator of authenticators) {
    const credential = authenticator.credentialOf((name) => c.req.header(name));
    if (credential !== undefined) return { authenticator, credential };
  }
  return undefined;
}

/**
 * Returns the sender of a request. Public operations whose answer depends on the sender call it themselves.
 *
 * @throws Problem UNAUTHENTICATED
 */
export async function identityOf(
  c: Context<AppEnv>,
  authenticators: readonly Authenticator[],
  ahead?: ReadAhead,
): Promise<Identity> {
  const presented = presentedTo(c, authenticators);
  if (presented !== undefined) {
    const { authenticator, credential } = presented;
    const identity = await authenticator.authenticate(credential, c.req.header(TENANT_HEADER), ahead);
    if (identity !== undefined) return identity;
    throw unauthenticated('The credential of the request is not valid: it is wrong, expired or revoked.');
  }
  throw unauthenticated(
    'The request has no credential. Log in with `store-platform login`, or send an API token as `Authorization: Bearer …`.',
  );
}

function assertScope({ scope }: Access, { scopes }: Identity): void {
  if (scopes === null || scope === 'any') return;
  if (scope === null) throw new Problem('INSUFFICIENT_SCOPE', 'A token with scopes cannot call this operation.');
  if (!scopes.includes(scope)) throw new Problem('INSUFFICIENT_SCOPE', `The token needs the scope ${scope}.`);
}

function unauthenticated(detail: string): Problem {
  return new Problem('UNAUTHENTICATED', detail, { headers: { 'WWW-Authenticate': 'Bearer' } });
}

function assertAllowed(c: Context<AppEnv>, { needs }: Access, { isOperator, membership }: Identity): void {
  if (needs === 'public' || needs === 'user') return;
  if (needs === 'operator') {
    if (!isOperator) throw new Problem('FORBIDDEN', 'Only operators of the platform may do this.');
    return;
  }
  if (membership === null) {
    const requested = c.req.header(TENANT_HEADER);
    throw new Problem(
      'TENANT_NOT_FOUND',
      requested === undefined ? 'You are a member of no tenant.' : `You are not a member of a tenant ${requested}.`,
    );
  }
  if (!includesRole(membership.role, needs)) {
    throw new Problem('FORBIDDEN', `This needs the role ${needs} in the tenant. You have the role ${membership.role}.`);
  }
}
