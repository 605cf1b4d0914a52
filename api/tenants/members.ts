import { json } from '../contract/json-content.ts';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { ChangeMemberResult, MemberRecord } from '../../domain/ports/tenant-records.ts';
import type { AppEnv } from '../app-env.ts';
import { IdParam } from '../contract/fields.ts';
import { linkHeader } from '../contract/pagination.ts';
import { ListMembersQuery, Member, MemberPage, UpdateMemberBody } from '../contract/tenant.ts';
import { Problem } from '../problems/problem.ts';
import {
  paginationOf,
  PROBLEMS_OF_BODY,
  problemsOfChange,
  problemsOfRead,
  tenantOf,
  type TenancyOptions,
} from './context.ts';

const MemberParams = z.object({ id: IdParam });

const listMembers = createRoute({
  operationId: 'listMembers',
  method: 'get',
  path: '/members',
  summary: 'List the members of the tenant, newest first',
  request: { query: ListMembersQuery },
  responses: {
    200: { description: 'One page of members.', headers: linkHeader, content: json(MemberPage) },
    ...problemsOfRead('INVALID_REQUEST'),
  },
});

const updateMember = createRoute({
  operationId: 'updateMember',
  method: 'patch',
  path: '/members/{id}',
  summary: 'Change the role of a member',
  request: { params: MemberParams, body: { required: true, content: json(UpdateMemberBody) } },
  responses: {
    200: { description: 'The changed member.', content: json(Member) },
    ...problemsOfChange(...PROBLEMS_OF_BODY, 'MEMBER_NOT_FOUND', 'LAST_ADMIN'),
  },
});

const removeMember = createRoute({
  operationId: 'removeMember',
  method: 'delete',
  path: '/members/{id}',
  summary: 'Remove a member from the tenant',
  description: 'The API tokens of the member for this tenant stop working at once.',
  request: { params: MemberParams },
  responses: {
    204: { description: 'The member is removed.' },
    ...problemsOfChange('MEMBER_NOT_FOUND', 'LAST_ADMIN'),
  },
});

/** The routes of members. */
export function memberRoutes({ records }: TenancyOptions) {
  const routes = new OpenAPIHono<AppEnv>();

  routes.openapi(listMembers, async (c) => {
    const { limit, cursor: after } = c.req.valid('query');
    const page = await records.listMembers({ tenantId: tenantOf(c), limit, after });
    return c.json({ data: page.entries.map(toMember), pagination: paginationOf(c, limit, page) }, 200);
  });

  routes.openapi(updateMember, async (c) => {
    const { id: userId } = c.req.valid('param');
    const { role } = c.req.valid('json');
    const result = await records.setMemberRole({ tenantId: tenantOf(c), userId, role });
    return c.json(toMember(changedOf(result, userId)), 200);
  });

  routes.openapi(removeMember, async (c) => {
    const { id: userId } = c.req.valid('param');
    changedOf(await records.removeMember({ tenantId: tenantOf(c), userId }), userId);
    return c.body(null, 204);
  });

  return routes;
}

/** @throws Problem MEMBER_NOT_FOUND, LAST_ADMIN */
function changedOf(result: ChangeMemberResult, userId: string): MemberRecord {
  if (result.kind === 'notFound') throw new Problem('MEMBER_NOT_FOUND', `The tenant has no member ${userId}.`);
  if (result.kind === 'lastAdmin') {
    throw new Problem(
      'LAST_ADMIN',
      `The member ${userId} is the only admin of the tenant. Make another member an admin first.`,
    );
  }
  return result.member;
}

function toMember({ userId, email, name, role, createdAt }: MemberRecord): Member {
  return { userId, email, name, role, createdAt: createdAt.toISOString() };
}
