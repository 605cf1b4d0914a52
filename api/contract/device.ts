import { z } from '@hono/zod-openapi';
import { DisplayName, TenantId } from './tenant.ts';

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** Field names are those of RFC 8628. */
export const DeviceCodeBody = z
  .strictObject({
    client_name: DisplayName.optional().openapi({
      description: 'Name of the machine. The person who approves sees it.',
      example: 'laptop',
    }),
  })
  .openapi('RequestDeviceCode');

export const DeviceCode = z
  .strictObject({
    device_code: z.string(),
    user_code: z.string().openapi({ example: 'BDFG-HJKL' }),
    verification_uri: z.url(),
    verification_uri_complete: z.url(),
    expires_in: z.int().openapi({ description: 'Seconds.' }),
    interval: z.int().openapi({ description: 'Seconds between two polls.' }),
  })
  .openapi('DeviceCode');

export const DeviceTokenBody = z
  .strictObject({ grant_type: z.literal(DEVICE_GRANT), device_code: z.string().max(100) })
  .openapi('RequestDeviceToken');

export const DeviceToken = z
  .strictObject({
    token_id: z.uuid().openapi({ description: 'The id of the token, to revoke it.' }),
    access_token: z.string().openapi({ description: 'An API token.' }),
    token_type: z.literal('Bearer'),
    expires_in: z.int().openapi({ description: 'Seconds.' }),
    tenant_id: TenantId.openapi({ description: 'The tenant in which the token acts.' }),
  })
  .openapi('DeviceToken');

export const DEVICE_ERRORS = ['authorization_pending', 'slow_down', 'access_denied', 'expired_token'] as const;

/** The errors of RFC 8628, 3.5. All other errors are problems. */
export const DeviceError = z
  .strictObject({ error: z.enum(DEVICE_ERRORS), error_description: z.string() })
  .openapi('DeviceError');

export const ApproveDeviceBody = z
  .strictObject({
    userCode: z.string().max(20).openapi({ example: 'BDFG-HJKL' }),
    decision: z.enum(['approve', 'deny']),
    tenantId: TenantId.optional().openapi({
      description: 'The tenant in which the login acts. Default: the tenant of the request.',
    }),
  })
  .openapi('ApproveDevice');

export const DeviceDecision = z
  .strictObject({
    decision: z.enum(['approve', 'deny']),
    tenantId: TenantId.nullable(),
    clientName: z.string().nullable(),
  })
  .openapi('DeviceDecision');
