import { z } from '@hono/zod-openapi';
import { PRINCIPAL_KINDS } from '../../domain/access/principal.ts';
import { ROLES } from '../../domain/access/roles.ts';
import { SCOPES } from '../../domain/access/scopes.ts';
import { hasVisibleCharacter, isPrintableName, MAX_NAME_LENGTH } from '../../domain/store/name.ts';
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '../auth/passwords.ts';
import { IdParam, Instant, orNull } from './fields.ts';

const MAX_EMAIL_LENGTH = 254;

const Email = z.email('must be an email address').max(MAX_EMAIL_LENGTH).openapi({ example: 'ada@example.com' });

const PersonName = z
  .string()
  .trim()
  .normalize('NFC')
  .refine(hasVisibleCharacter, { error: 'must have a visible character', abort: true })
  .refine((value) => Array.from(value).length <= MAX_NAME_LENGTH, `must have at most ${MAX_NAME_LENGTH} characters`)
  .refine(isPrintableName, 'must have printable characters only')
  .openapi({ minLength: 1, maxLength: MAX_NAME_LENGTH, example: 'Ada Lovelace' });

export const NewPassword = z
  .string()
  .min(MIN_PASSWORD_LENGTH, `must have at least ${MIN_PASSWORD_LENGTH} characters`)
  .max(MAX_PASSWORD_LENGTH, `must have at most ${MAX_PASSWORD_LENGTH} characters`)
  .openapi({ example: 'correct horse battery staple' });

/** A password that is compared. Passwords of another length belong to no user. */
const GivenPassword = z
  .string()
  .min(1, 'must not be empty')
  .max(MAX_PASSWORD_LENGTH, `must have at most ${MAX_PASSWORD_LENGTH} characters`)
  .openapi({ example: 'correct horse battery staple' });

export const LoginBody = z
  .strictObject({
    // The form of the address is not checked: every wrong address has the same response.
    email: z
      .string()
      .min(1, 'must not be empty')
      .max(MAX_EMAIL_LENGTH)
      // Postgres rejects some control characters.
      .refine((value) => !/\p{C}/u.test(value), 'must have printable characters only')
      .openapi({ example: 'ada@example.com' }),
    password: GivenPassword,
  })
  .openapi('Login');

/** A person with a password of the platform. */
export const LocalUser = { email: Email, name: PersonName, password: NewPassword };

export const SetupBody = z
  .strictObject({
    token: z.string().min(1).max(100).openapi({ description: 'The value of `token` in the link.' }),
    ...LocalUser,
  })
  .openapi('Setup');

export const ChangePasswordBody = z
  .strictObject({ oldPassword: GivenPassword, newPassword: NewPassword })
  .openapi('ChangePassword');

export const SessionParam = z.object({ id: IdParam });

export const StartedSession = z
  .strictObject({ sessionId: z.uuid(), userId: z.uuid(), expiresAt: Instant })
  .openapi('StartedSession');

const Session = z
  .strictObject({
    sessionId: z.uuid(),
    isCurrent: z.boolean().openapi({ description: 'Whether the request belongs to this session.' }),
    userAgent: z.string().nullable().openapi({ description: 'The browser.' }),
    createdAt: Instant,
    lastUsedAt: Instant.openapi({ description: 'Accurate to a minute.' }),
    expiresAt: Instant.openapi({ description: 'A session that is not used ends earlier.' }),
  })
  .openapi('Session');

export const SessionList = z.strictObject({ data: z.array(Session) }).openapi('SessionList');

const AuthenticatedUser = z
  .strictObject({
    userId: z.uuid(),
    email: z.string().nullable(),
    name: z.string().nullable(),
    issuer: z.string().openapi({ description: '`local`, or the URL of the company issuer.' }),
  })
  .openapi('AuthenticatedUser');

export const Me = z
  .strictObject({
    principal: z.enum(PRINCIPAL_KINDS).openapi({
      description:
        'How the request is authenticated: `user` (a browser session), `userToken`, `serviceAccountToken`, `jwt`, or `anonymous` (authentication is off).',
    }),
    actor: z.string().openapi({
      description: 'The principal, as operations and the audit log name it.',
      example: 'user:5f0c3f0e-8a4b-4a53-8a53-0d6d9f5ad1b1',
    }),
    user: orNull(AuthenticatedUser).openapi({ description: 'The person. Null: the principal is a program.' }),
    sessionId: z.uuid().nullable(),
    isOperator: z.boolean(),
    scopes: z.array(z.enum(SCOPES)).nullable().openapi({ description: 'Null: all rights of the role.' }),
    tenant: orNull(z.strictObject({ tenantId: z.string(), role: z.enum(ROLES) })).openapi({
      description: 'The tenant for which the request acts.',
    }),
    tenants: z
      .array(z.strictObject({ tenantId: z.string(), name: z.string(), role: z.enum(ROLES) }))
      .openapi({ description: 'All tenants of the principal. The first one is the default.' }),
    authentication: z.string().openapi({
      description: 'The setting `AUTH`: `none`, `local`, `oidc` or `local,oidc`.',
      example: 'local',
    }),
  })
  .openapi('Me');
export type Me = z.output<typeof Me>;
