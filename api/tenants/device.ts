import { json } from '../contract/json-content.ts';
import { optionalJson } from '../middleware/optional-json.ts';
import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { PollResult } from '../../domain/ports/device-records.ts';
import type { TenancyWork } from '../../domain/ports/tenancy-records.ts';
import type { AppEnv } from '../app-env.ts';
import { newApiToken } from '../auth/api-token.ts';
import { hashOf, newSecret } from '../auth/secrets.ts';
import {
  ApproveDeviceBody,
  DeviceCode,
  DeviceCodeBody,
  DeviceDecision,
  DeviceError,
  DeviceToken,
  DeviceTokenBody,
  type DEVICE_ERRORS,
} from '../contract/device.ts';
import { Problem } from '../problems/problem.ts';
import { publicProblemResponses } from '../problems/responses.ts';
import { originOf, PROBLEMS_OF_BODY, problemsOfChange, type TenancyOptions } from './context.ts';
import { newUserCode, userCodeOf } from './user-code.ts';

/** Time in which a person must approve the login. */
const CODE_SECONDS = 600;
const INTERVAL_SECONDS = 5;
const TOKEN_DAYS = 30;
const DAY_SECONDS = 86_400;
/** Of 25 billion codes, an open login has one. A second collision means that the random numbers are not random. */
const CODE_ATTEMPTS = 3;
const PAGE = '/device';

const PUBLIC_PROBLEMS = ['HOST_NOT_ALLOWED', 'ORIGIN_REFUSED', 'BODY_TOO_LARGE', 'DATABASE_UNAVAILABLE'] as const;

const createDeviceCode = createRoute({
  operationId: 'createDeviceCode',
  method: 'post',
  path: '/device/code',
  summary: 'Begin the login of a command line (RFC 8628)',
  description:
    'Show `user_code` and `verification_uri` to the person, and poll `POST /api/device/token` until the person has decided.',
  middleware: optionalJson,
  request: { body: { content: json(DeviceCodeBody) } },
  responses: {
    200: { description: 'The codes of the login.', content: json(DeviceCode) },
    ...publicProblemResponses(...PUBLIC_PROBLEMS, ...PROBLEMS_OF_BODY),
  },
});

const badRequest = publicProblemResponses(...PROBLEMS_OF_BODY)[400];

const redeemDeviceCode = createRoute({
  operationId: 'redeemDeviceCode',
  method: 'post',
  path: '/device/token',
  summary: 'Poll for the token of a login (RFC 8628)',
  description: 'After `slow_down`, the interval between two polls is 5 seconds longer. A login is redeemed once.',
  request: { body: { required: true, content: json(DeviceTokenBody) } },
  responses: {
    ...publicProblemResponses(...PUBLIC_PROBLEMS, 'UNSUPPORTED_MEDIA_TYPE'),
    200: { description: 'The person approved. The token is valid for 30 days.', content: json(DeviceToken) },
    400: {
      description: `The person has not approved: \`error\` says why. ${badRequest?.description ?? ''}`,
      content: { ...json(DeviceError), ...badRequest?.content },
    },
  },
});

const decideDevice = createRoute({
  operationId: 'decideDevice',
  method: 'post',
  path: '/device/approve',
  summary: 'Approve or deny the login of a command line',
  description: 'For people with a browser session. The command line gets an API token with the rights of the person.',
  request: { body: { required: true, content: json(ApproveDeviceBody) } },
  responses: {
    200: { description: 'The login is decided.', content: json(DeviceDecision) },
    ...problemsOfChange(...PROBLEMS_OF_BODY, 'DEVICE_CODE_NOT_FOUND'),
  },
});

const EXPLANATIONS: Readonly<Record<(typeof DEVICE_ERRORS)[number], string>> = {
  authorization_pending: 'The person has not decided yet. Poll again after the interval.',
  slow_down: 'The polls come too fast. Wait 5 seconds longer between two polls from now on.',
  access_denied: 'The person denied the login.',
  expired_token: 'The login has expired, or its token was fetched already. Begin a new login.',
};

/** The routes of the login of a command line. */
export function deviceRoutes({ records, publicUrl, newId, now }: TenancyOptions) {
  const routes = new OpenAPIHono<AppEnv>();

  routes.openapi(createDeviceCode, async (c) => {
    const clientName = c.req.valid('json').client_name ?? null;
    const { secret: deviceCode, hash } = newSecret();
    const userCode = await createCode(hash, clientName);
    const page = `${originOf(c, publicUrl)}${PAGE}`;
    return c.json(
      {
        device_code: deviceCode,
        user_code: userCode,
        verification_uri: page,
        verification_uri_complete: `${page}?user_code=${userCode}`,
        expires_in: CODE_SECONDS,
        interval: INTERVAL_SECONDS,
      },
      200,
    );
  });

  async function createCode(hash: Buffer, clientName: string | null): Promise<string> {
    for (let attempt = 1; attempt <= CODE_ATTEMPTS; attempt += 1) {
      const at = now();
      const userCode = newUserCode();
      const expiresAt = new Date(at.getTime() + CODE_SECONDS * 1_000);
      const code = { hash, userCode, clientName, intervalSeconds: INTERVAL_SECONDS, expiresAt, now: at };
      if (await records.createDeviceCode(code)) return userCode;
    }
    throw new Error('no free user code was found');
  }

  routes.openapi(redeemDeviceCode, async (c) => {
    const hash = hashOf(c.req.valid('json').device_code);
    // In one transaction: a login that is redeemed has its token.
    const outcome = await records.inTransaction(async (work) => {
      const polled = await work.pollDeviceCode({ hash, now: now() });
      return polled.kind === 'redeemed' ? await tokenOf(work, polled) : polled.kind;
    });
    if (typeof outcome === 'string') return c.json({ error: outcome, error_description: EXPLANATIONS[outcome] }, 400);
    return c.json(outcome, 200);
  });

  async function tokenOf(work: TenancyWork, login: Extract<PollResult, { readonly kind: 'redeemed' }>) {
    const { tenantId, userId, clientName } = login;
    const role = await work.roleOf({ tenantId, userId });
    // The person left the tenant since.
    if (role === undefined) return 'access_denied' as const;
    const at = now();
    const { token, hash, prefix } = newApiToken();
    const id = newId();
    await work.createToken({
      id,
      hash,
      prefix,
      tenantId,
      name: clientName ?? 'Command line',
      userId,
      serviceAccountId: null,
      role,
      scopes: null,
      createdBy: `user:${userId}`,
      expiresAt: new Date(at.getTime() + TOKEN_DAYS * DAY_SECONDS * 1_000),
      now: at,
    });
    return {
      token_id: id,
      access_token: token,
      token_type: 'Bearer' as const,
      expires_in: TOKEN_DAYS * DAY_SECONDS,
      tenant_id: tenantId,
    };
  }

  routes.openapi(decideDevice, async (c) => {
    const { userCode: typed, decision, tenantId: chosen } = c.req.valid('json');
    const userId = sessionUserOf(c);
    const userCode = userCodeOf(typed);
    const tenantId = decision === 'deny' ? null : (chosen ?? defaultTenantOf(c));
    const decided =
      userCode === undefined
        ? undefined
        : await records.decideDeviceCode({
            userCode,
            decision: decision === 'deny' ? 'denied' : 'approved',
            userId,
            tenantId,
            now: now(),
          });
    if (decided === undefined) {
      throw new Problem(
        'DEVICE_CODE_NOT_FOUND',
        `No open login has the code ${userCode ?? typed}, or you are not a member of the tenant.`,
      );
    }
    return c.json({ decision, tenantId, clientName: decided.clientName }, 200);
  });

  return routes;
}

/** A token must not be able to create another one with all rights of its user. @throws Problem FORBIDDEN */
function sessionUserOf(c: Context<AppEnv>): string {
  const { principal } = c.var.identity;
  if (principal.kind === 'user') return principal.userId;
  throw new Problem('FORBIDDEN', 'Only a person with a browser session may approve a login.');
}

/** @throws Problem TENANT_NOT_FOUND */
function defaultTenantOf(c: Context<AppEnv>): string {
  const { membership } = c.var.identity;
  if (membership === null) throw new Problem('TENANT_NOT_FOUND', 'You are not a member of the tenant.');
  return membership.tenantId;
}
