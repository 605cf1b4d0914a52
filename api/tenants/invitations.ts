import { json } from '../contract/json-content.ts';
import { optionalJson } from '../middleware/optional-json.ts';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { actorOf } from '../../domain/access/principal.ts';
import { includesRole } from '../../domain/access/roles.ts';
import type { InvitationRecord } from '../../domain/ports/invitation-records.ts';
import type { AppEnv } from '../app-env.ts';
import { identityOf } from '../auth/authorize.ts';
import { hashOf, newSecret } from '../auth/secrets.ts';
import { IdParam } from '../contract/fields.ts';
import { IdempotencyHeaders, replayedHeader } from '../contract/idempotency.ts';
import {
  AcceptedInvitation,
  AcceptInvitationBody,
  CreateInvitationBody,
  InvitationPage,
  InvitationWithSecret,
  ListInvitationsQuery,
  type Invitation,
} from '../contract/invitation.ts';
import { linkHeader } from '../contract/pagination.ts';
import { Problem } from '../problems/problem.ts';
import { publicProblemResponses } from '../problems/responses.ts';
import { createAcceptance } from './accept-invitation.ts';
import {
  originOf,
  paginationOf,
  PROBLEMS_OF_BODY,
  PROBLEMS_OF_CREATE,
  problemsOfChange,
  problemsOfRead,
  requireTenant,
  roleOf,
  tenantOf,
  type TenancyRoutes,
} from './context.ts';

const DAY_MS = 86_400_000;
/** Page that accepts an invitation. It works without a script, so the secret is in the path. */
const PAGE = '/invitations';

const listInvitations = createRoute({
  operationId: 'listInvitations',
  method: 'get',
  path: '/invitations',
  summary: 'List the open invitations of the tenant, newest first',
  request: { query: ListInvitationsQuery },
  responses: {
    200: { description: 'One page of invitations.', headers: linkHeader, content: json(InvitationPage) },
    ...problemsOfRead('INVALID_REQUEST'),
  },
});

const createInvitation = createRoute({
  operationId: 'createInvitation',
  method: 'post',
  path: '/invitations',
  summary: 'Invite a person to the tenant',
  description: 'Send the link in `url` to the person. It can be used once.',
  middleware: optionalJson,
  request: { headers: IdempotencyHeaders, body: { content: json(CreateInvitationBody) } },
  responses: {
    201: {
      description: 'The invitation with its secret.',
      headers: replayedHeader,
      content: json(InvitationWithSecret),
    },
    ...problemsOfChange(...PROBLEMS_OF_CREATE),
  },
});

const deleteInvitation = createRoute({
  operationId: 'deleteInvitation',
  method: 'delete',
  path: '/invitations/{id}',
  summary: 'Revoke an invitation',
  request: { params: z.object({ id: IdParam }) },
  responses: {
    204: { description: 'The link does not work any more.' },
    ...problemsOfChange('INVITATION_NOT_FOUND'),
  },
});

const acceptInvitation = createRoute({
  operationId: 'acceptInvitation',
  method: 'post',
  path: '/invitations/accept',
  summary: 'Accept an invitation',
  description:
    'A person who is logged in joins the tenant. With `user`, the request creates a user with a password, who can log in afterwards.',
  request: { body: { required: true, content: json(AcceptInvitationBody) } },
  responses: {
    200: { description: 'The person is a member of the tenant.', content: json(AcceptedInvitation) },
    ...publicProblemResponses(
      'HOST_NOT_ALLOWED',
      'ORIGIN_REFUSED',
      'BODY_TOO_LARGE',
      ...PROBLEMS_OF_BODY,
      'UNAUTHENTICATED',
      'FORBIDDEN',
      'INVITATION_NOT_FOUND',
      'EMAIL_TAKEN',
      'DATABASE_UNAVAILABLE',
    ),
  },
});

/** The routes of invitations. */
export function invitationRoutes(options: TenancyRoutes) {
  const { records, idempotency, publicUrl, newId, now } = options;
  const acceptance = createAcceptance(options);
  const routes = new OpenAPIHono<AppEnv>();

  routes.openapi(listInvitations, async (c) => {
    const { limit, cursor: after } = c.req.valid('query');
    const page = await records.listInvitations({ tenantId: tenantOf(c), limit, after, now: now() });
    return c.json({ data: page.entries.map(toInvitation), pagination: paginationOf(c, limit, page) }, 200);
  });

  routes.openapi(createInvitation, async (c) => {
    const body = c.req.valid('json');
    const key = c.req.valid('header')['Idempotency-Key'];
    if (!includesRole(roleOf(c), body.role)) {
      throw new Problem('FORBIDDEN', `You may give at most the role ${roleOf(c)}.`);
    }
    const invitation = await idempotency.idempotently(c, { key, body }, async (work) => {
      await requireTenant(c, work);
      const at = now();
      const { secret, hash } = newSecret();
      const record = await work.createInvitation({
        id: newId(),
        hash,
        tenantId: tenantOf(c),
        email: body.email,
        role: body.role,
        createdBy: actorOf(c.var.identity.principal),
        expiresAt: new Date(at.getTime() + body.expiresInDays * DAY_MS),
        now: at,
      });
      return { ...toInvitation(record), secret, url: `${originOf(c, publicUrl)}${PAGE}/${secret}` };
    });
    c.set('created', `invitation/${invitation.invitationId}`);
    return c.json(invitation, 201);
  });

  routes.openapi(deleteInvitation, async (c) => {
    const { id } = c.req.valid('param');
    const isRevoked = await records.revokeInvitation({ tenantId: tenantOf(c), id, now: now() });
    if (!isRevoked) throw new Problem('INVITATION_NOT_FOUND', `The tenant has no open invitation ${id}.`);
    return c.body(null, 204);
  });

  routes.openapi(acceptInvitation, async (c) => {
    const body = c.req.valid('json');
    const hash = hashOf(body.secret);
    const accepted =
      body.user === undefined
        ? await acceptance.accept(hash, await loggedInUser(c, options))
        : await acceptance.acceptAsNewUser(hash, body.user);
    return c.json(accepted, 200);
  });

  return routes;
}

/** @throws Problem UNAUTHENTICATED, FORBIDDEN */
async function loggedInUser(c: Context<AppEnv>, { authenticators }: TenancyRoutes): Promise<string> {
  const { principal } = await identityOf(c, authenticators);
  // A token acts in one tenant only, so it cannot join another one.
  if (principal.kind === 'user') return principal.userId;
  if (principal.kind === 'jwt' && principal.userId !== null) return principal.userId;
  throw new Problem('FORBIDDEN', 'Only a person who is logged in may accept an invitation. Log in, or send `user`.');
}

function toInvitation({
  id: invitationId,
  email,
  role,
  createdBy,
  createdAt,
  expiresAt,
}: InvitationRecord): Invitation {
  return {
    invitationId,
    email,
    role,
    createdBy,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  };
}
