import { z } from '@hono/zod-openapi';
import { ROLES } from '../../domain/access/roles.ts';
import { isPrintableName } from '../../domain/store/name.ts';
import { Instant } from './fields.ts';
import { CursorPage, namedPageQuery, timePageQuery } from './time-cursor.ts';

const TENANT_ID = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;
const MAX_NAME_LENGTH = 100;
const MAX_LIMIT = 1_000_000;

/** Schema of a name that people read. */
export const DisplayName = z
  .string()
  .trim()
  .min(1, `must have 1 to ${MAX_NAME_LENGTH} characters`)
  .max(MAX_NAME_LENGTH, `must have 1 to ${MAX_NAME_LENGTH} characters`)
  .refine(isPrintableName, 'must have printable characters only')
  .openapi({ minLength: 1, maxLength: MAX_NAME_LENGTH, example: 'Acme' });

export const TenantId = z
  .string()
  .regex(TENANT_ID, 'must have 1 to 40 of a-z, 0-9 and -, and begin and end with a letter or digit')
  .openapi({ pattern: TENANT_ID.source, example: 'acme' });

export const RoleName = z.enum(ROLES).openapi({ example: 'member' });

const Limit = z.int().min(1).max(MAX_LIMIT).nullable();

const limits = {
  maxStores: Limit.openapi({ description: 'Stores at once. Null: the setting MAX_STORES_PER_TENANT.' }),
  maxRunning: Limit.openapi({ description: 'Provisions at once. Null: the setting MAX_RUNNING_PER_TENANT.' }),
  maxRequestsPerMinute: Limit.openapi({ description: 'Requests per minute. Null: the setting of the installation.' }),
};

const tenant = {
  tenantId: TenantId,
  name: z.string().openapi({ example: 'Acme' }),
  createdAt: Instant,
};

export const OwnTenant = z.strictObject({ ...tenant, role: RoleName }).openapi('OwnTenant');
export type OwnTenant = z.output<typeof OwnTenant>;

export const OwnTenantPage = z
  .strictObject({ data: z.array(OwnTenant).readonly(), pagination: CursorPage })
  .openapi('OwnTenantPage');

export const Tenant = z.strictObject({ ...tenant, ...limits, updatedAt: Instant }).openapi('Tenant');
export type Tenant = z.output<typeof Tenant>;

export const TenantPage = z
  .strictObject({ data: z.array(Tenant).readonly(), pagination: CursorPage })
  .openapi('TenantPage');

export const ListTenantsQuery = z.strictObject(namedPageQuery(TenantId));

export const TenantParams = z.object({ id: TenantId.openapi({ param: { name: 'id', in: 'path' } }) });

export const CreateTenantBody = z
  .strictObject({
    tenantId: TenantId,
    name: DisplayName,
    maxStores: limits.maxStores.default(null),
    maxRunning: limits.maxRunning.default(null),
    maxRequestsPerMinute: limits.maxRequestsPerMinute.default(null),
  })
  .openapi('CreateTenant');

export const UpdateTenantBody = z
  .strictObject({
    name: DisplayName.optional(),
    maxStores: limits.maxStores.optional(),
    maxRunning: limits.maxRunning.optional(),
    maxRequestsPerMinute: limits.maxRequestsPerMinute.optional(),
  })
  .openapi('UpdateTenant');

export const Member = z
  .strictObject({
    userId: z.uuid(),
    email: z.string().nullable(),
    name: z.string().nullable(),
    role: RoleName,
    createdAt: Instant,
  })
  .openapi('Member');
export type Member = z.output<typeof Member>;

export const MemberPage = z
  .strictObject({ data: z.array(Member).readonly(), pagination: CursorPage })
  .openapi('MemberPage');

export const ListMembersQuery = z.strictObject(timePageQuery);

export const UpdateMemberBody = z.strictObject({ role: RoleName }).openapi('UpdateMember');
