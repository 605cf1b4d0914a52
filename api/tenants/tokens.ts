import { json } from '../contract/json-content.ts';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { actorOf, type Principal } from '../../domain/access/principal.ts';
import { includesRole, lowerRole, type Role } from '../../domain/access/roles.ts';
import { refusalOfRights } from '../../domain/access/token-rights.ts';
import type { TenancyWork } from '../../domain/ports/tenancy-records.ts';
import type { TokenOwner, TokenRecord } from '../../domain/ports/token-records.ts';
import type { AppEnv } from '../app-env.ts';
import { newApiToken } from '../auth/api-token.ts';
import { IdParam } from '../contract/fields.ts';
import { IdempotencyHeaders, replayedHeader } from '../contract/idempotency.ts';
import { linkHeader } from '../contract/pagination.ts';
import { CreateTokenBody, ListTokensQuery, TokenPage, TokenWithSecret, type Token } from '../contract/token.ts';
import { Problem } from '../problems/problem.ts';
import {
  paginationOf,
  PROBLEMS_OF_CREATE,
  problemsOfChange,
  problemsOfRead,
  requireTenant,
  roleOf,
  tenantOf,
  userIdOf,
  type TenancyOptions,
} from './context.ts';
import { serviceAccountNotFound } from './service-accounts.ts';

const DAY_MS = 86_400_000;

const listTokens = createRoute({
  operationId: 'listTokens',
  method: 'get',
  path: '/tokens',
  summary: 'List your API tokens or those of a service account, newest first',
  description:
    'The list has the tokens for the tenant of the request. Only admins list the tokens of a service account.',
  request: { query: ListTokensQuery },
  responses: {
    200: { description: 'One page of tokens, without their secrets.', headers: linkHeader, content: json(TokenPage) },
    ...problemsOfRead('INVALID_REQUEST', 'SERVICE_ACCOUNT_NOT_FOUND'),
  },
});

const createToken = createRoute({
  operationId: 'createToken',
  method: 'post',
  path: '/tokens',
  summary: 'Create an API token for yourself or for a service account',
  description:
    'The token acts in the tenant of the request. It never has more rights than you, or than its owner has at the time of a request.',
  request: { headers: IdempotencyHeaders, body: { required: true, content: json(CreateTokenBody) } },
  responses: {
    201: { description: 'The token. Store it now.', headers: replayedHeader, content: json(TokenWithSecret) },
    ...problemsOfChange(...PROBLEMS_OF_CREATE, 'SERVICE_ACCOUNT_NOT_FOUND'),
  },
});

const deleteToken = createRoute({
  operationId: 'deleteToken',
  method: 'delete',
  path: '/tokens/{id}',
  summary: 'Revoke an API token',
  description: 'Everyone may revoke their own tokens. An admin may revoke every token of the tenant.',
  request: { params: z.object({ id: IdParam }) },
  responses: { 204: { description: 'The token does not work any more.' }, ...problemsOfChange('TOKEN_NOT_FOUND') },
});

/** The routes of API tokens. */
export function tokenRoutes({ records, idempotency, maxTokenDays, newId, now }: TenancyOptions) {
  const routes = new OpenAPIHono<AppEnv>();

  routes.openapi(listTokens, async (c) => {
    const { limit, cursor: after, serviceAccountId } = c.req.valid('query');
    const { owner } = await ownerOf(c, records, serviceAccountId);
    const page = await records.listTokens({ tenantId: tenantOf(c), owner, limit, after });
    return c.json({ data: page.entries.map(toToken), pagination: paginationOf(c, limit, page) }, 200);
  });

  routes.openapi(createToken, async (c) => {
    const body = c.req.valid('json');
    const key = c.req.valid('header')['Idempotency-Key'];
    if (body.expiresInDays > maxTokenDays) throw tooLong(maxTokenDays);
    const token = await idempotency.idempotently(c, { key, body }, async (work) => {
      await requireTenant(c, work);
      const { owner, limit } = await ownerOf(c, work, body.serviceAccountId);
      const { scopes, role = limit } = body;
      const { identity } = c.var;
      const isOperator = identity.isOperator && 'userId' in owner;
      const refusal = refusalOfRights({ role, scopes }, { limit, maker: { scopes: identity.scopes, isOperator } });
      if (refusal !== null) throw new Problem('FORBIDDEN', refusal);
      const at = now();
      const { token: secret, hash, prefix } = newApiToken();
      const record = await work.createToken({
        id: newId(),
        hash,
        prefix,
        tenantId: tenantOf(c),
        name: body.name,
        userId: 'userId' in owner ? owner.userId : null,
        serviceAccountId: 'serviceAccountId' in owner ? owner.serviceAccountId : null,
        role,
        scopes,
        createdBy: actorOf(identity.principal),
        expiresAt: new Date(at.getTime() + body.expiresInDays * DAY_MS),
        now: at,
      });
      return { ...toToken(record), token: secret };
    });
    c.set('created', `token/${token.tokenId}`);
    return c.json(token, 201);
  });

  routes.openapi(deleteToken, async (c) => {
    const { id } = c.req.valid('param');
    const key = { tenantId: tenantOf(c), id };
    const token = await records.getToken(key);
    const isAllowed =
      token !== undefined && (includesRole(roleOf(c), 'admin') || isOwn(token, c.var.identity.principal));
    if (!isAllowed || !(await records.revokeToken({ ...key, now: now() }))) {
      throw new Problem('TOKEN_NOT_FOUND', `You have no token ${id}.`);
    }
    return c.body(null, 204);
  });

  return routes;
}

/**
 * Returns the owner of the tokens of a request, and the highest role that they may have.
 *
 * @throws Problem FORBIDDEN, SERVICE_ACCOUNT_NOT_FOUND
 */
async function ownerOf(
  c: Context<AppEnv>,
  records: TenancyWork,
  serviceAccountId: string | undefined,
): Promise<{ readonly owner: TokenOwner; readonly limit: Role }> {
  const { principal } = c.var.identity;
  if (serviceAccountId === undefined) return { owner: ownOf(principal), limit: roleOf(c) };
  if (!includesRole(roleOf(c), 'admin')) {
    throw new Problem('FORBIDDEN', 'The tokens of a service account need the role admin in the tenant.');
  }
  const account = await records.getServiceAccount({ tenantId: tenantOf(c), id: serviceAccountId });
  if (account === undefined) throw serviceAccountNotFound(serviceAccountId);
  return { owner: { serviceAccountId }, limit: lowerRole(account.role, roleOf(c)) };
}

/** @throws Problem FORBIDDEN for a caller who cannot own tokens */
function ownOf(principal: Principal): TokenOwner {
  if (principal.kind === 'serviceAccountToken') return { serviceAccountId: principal.serviceAccountId };
  const userId = userIdOf(principal);
  if (userId !== null) return { userId };
  throw new Problem(
    'FORBIDDEN',
    'Your login has no user, so it has no tokens. Name a service account with serviceAccountId.',
  );
}

function isOwn(token: TokenRecord, principal: Principal): boolean {
  const userId = userIdOf(principal);
  if (userId !== null) return token.userId === userId;
  return principal.kind === 'serviceAccountToken' && token.serviceAccountId === principal.serviceAccountId;
}

function tooLong(days: number): Problem {
  return new Problem('INVALID_REQUEST', 'The body is not valid. See `errors`.', {
    extensions: { errors: [{ in: 'body', pointer: '/expiresInDays', detail: `must be at most ${days}` }] },
  });
}

function toToken({ id: tokenId, createdAt, expiresAt, lastUsedAt, ...record }: TokenRecord): Token {
  const { name, prefix, userId, serviceAccountId, role, scopes, createdBy } = record;
  return {
    tokenId,
    name,
    prefix,
    userId,
    serviceAccountId,
    role,
    scopes,
    createdBy,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}
