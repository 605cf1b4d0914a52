import { z } from '@hono/zod-openapi';
import { SCOPES } from '../../domain/access/scopes.ts';
import { IdParam, Instant } from './fields.ts';
import { DisplayName, RoleName } from './tenant.ts';
import { CursorPage, timePageQuery } from './time-cursor.ts';

/** A longer lifetime can be set only by the operator of the installation, up to this. */
const MAX_DAYS = 3_650;

export const ServiceAccount = z
  .strictObject({
    serviceAccountId: z.uuid(),
    name: z.string().openapi({ example: 'Deployment' }),
    role: RoleName,
    createdBy: z.string(),
    createdAt: Instant,
  })
  .openapi('ServiceAccount');
export type ServiceAccount = z.output<typeof ServiceAccount>;

export const ServiceAccountPage = z
  .strictObject({ data: z.array(ServiceAccount).readonly(), pagination: CursorPage })
  .openapi('ServiceAccountPage');

export const ListServiceAccountsQuery = z.strictObject(timePageQuery);

export const CreateServiceAccountBody = z
  .strictObject({ name: DisplayName, role: RoleName.default('member') })
  .openapi('CreateServiceAccount');

const Scopes = z
  .array(z.enum(SCOPES))
  .min(1, 'must have at least one scope: null stands for all rights of the role')
  .max(SCOPES.length)
  .refine((scopes) => new Set(scopes).size === scopes.length, 'must not repeat a scope')
  .readonly()
  .nullable()
  .openapi({
    uniqueItems: true,
    description: 'Limits the token. Null: all rights of the role.',
    example: ['stores:read'],
  });

const fields = {
  tokenId: z.uuid(),
  name: z.string().openapi({ example: 'Laptop' }),
  prefix: z.string().openapi({ description: 'The first characters of the token.', example: 'sp_3kTq9ZbX' }),
  userId: z.uuid().nullable(),
  serviceAccountId: z.uuid().nullable(),
  role: RoleName,
  scopes: Scopes,
  createdBy: z.string(),
  createdAt: Instant,
  expiresAt: Instant.nullable(),
  lastUsedAt: Instant.nullable().openapi({ description: 'Written at most once a minute. Null: never used.' }),
};

export const Token = z.strictObject(fields).openapi('Token');
export type Token = z.output<typeof Token>;

/** The response that contains the token itself. */
export const TokenWithSecret = z
  .strictObject({
    ...fields,
    token: z.string().openapi({
      description: 'Send it as `Authorization: Bearer …`. No other response contains it.',
      example: 'sp_3kTq9ZbXw0vG7mJ4cR1yHsA8dLpN2eUf5iKo6tQxBzM9Wc4Yh',
    }),
  })
  .openapi('TokenWithSecret');

export const TokenPage = z
  .strictObject({ data: z.array(Token).readonly(), pagination: CursorPage })
  .openapi('TokenPage');

const ServiceAccountRef = IdParam.optional().openapi({
  description: 'The service account that owns the tokens. Without it, they are your own.',
});

export const ListTokensQuery = z.strictObject({ ...timePageQuery, serviceAccountId: ServiceAccountRef });

export const CreateTokenBody = z
  .strictObject({
    name: DisplayName,
    serviceAccountId: ServiceAccountRef,
    role: RoleName.optional().openapi({
      description: 'At most your role or that of the service account, whichever is lower. This is also the default.',
    }),
    scopes: Scopes.default(null),
    expiresInDays: z
      .int()
      .min(1)
      .max(MAX_DAYS)
      .default(90)
      .openapi({ description: 'At most the setting TOKEN_MAX_LIFETIME_DAYS, by default 365.' }),
  })
  .openapi('CreateToken');
