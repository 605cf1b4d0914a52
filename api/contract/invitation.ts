import { z } from '@hono/zod-openapi';
import { Instant } from './fields.ts';
import { DisplayName, RoleName, TenantId } from './tenant.ts';
import { CursorPage, timePageQuery } from './time-cursor.ts';

const Email = z.email('must be an email address').max(254);

const fields = {
  invitationId: z.uuid(),
  email: z.string().nullable().openapi({ description: 'Null: every person with the link may accept.' }),
  role: RoleName,
  createdBy: z.string(),
  createdAt: Instant,
  expiresAt: Instant,
};

export const Invitation = z.strictObject(fields).openapi('Invitation');
export type Invitation = z.output<typeof Invitation>;

/** The response that contains the secret. */
export const InvitationWithSecret = z
  .strictObject({
    ...fields,
    secret: z.string().openapi({ description: 'Accepts the invitation. No other response contains it.' }),
    url: z.url().openapi({ description: 'The link for the invited person. It contains the secret.' }),
  })
  .openapi('InvitationWithSecret');

export const InvitationPage = z
  .strictObject({ data: z.array(Invitation).readonly(), pagination: CursorPage })
  .openapi('InvitationPage');

export const ListInvitationsQuery = z.strictObject(timePageQuery);

export const CreateInvitationBody = z
  .strictObject({
    email: Email.nullable().default(null),
    role: RoleName.default('member'),
    expiresInDays: z.int().min(1).max(30).default(7),
  })
  .openapi('CreateInvitation');

export const AcceptInvitationBody = z
  .strictObject({
    secret: z.string().max(100),
    user: z
      .strictObject({ email: Email, name: DisplayName, password: z.string().min(12).max(1_024) })
      .optional()
      .openapi({ description: 'Creates a user who logs in with a password. Without it, the caller joins the tenant.' }),
  })
  .openapi('AcceptInvitation');

export const AcceptedInvitation = z
  .strictObject({ tenantId: TenantId, role: RoleName, userId: z.uuid() })
  .openapi('AcceptedInvitation');
