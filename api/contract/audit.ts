import { z } from '@hono/zod-openapi';
import { PRINCIPAL_KINDS } from '../../domain/access/principal.ts';
import { AUDIT_OUTCOMES } from '../../domain/ports/audit.ts';
import { Instant, wholeNumber } from './fields.ts';

/** A text that the audit log has, such as an actor. */
const Term = z.string().regex(/^[\x20-\x7e]{1,300}$/, 'must have 1 to 300 printable ASCII characters');

const MAX_LIMIT = 200;
const DEFAULT_LIMIT = 50;

/** The cursor of a list of audit entries, as clients send it. They cannot read meaning into it, so its form may change. */
export const AuditCursorParam = z
  .string()
  .transform((text, context): number => {
    const entry = decodeAuditCursor(text);
    if (entry !== null) return entry;
    context.addIssue({ code: 'custom', message: 'is not a cursor: send the nextCursor of the previous page' });
    return z.NEVER;
  })
  .openapi({ type: 'string', description: 'The `nextCursor` of the previous page.' });

/** Returns the cursor behind an entry as text for a query string. */
export function encodeAuditCursor(entry: number): string {
  return Buffer.from(`after ${entry}`).toString('base64url');
}

function decodeAuditCursor(text: string): number | null {
  const [, digits] = /^after (\d{1,15})$/.exec(Buffer.from(text, 'base64url').toString('latin1')) ?? [];
  return digits === undefined ? null : Number(digits);
}

export const ListAuditQuery = z.strictObject({
  limit: wholeNumber({ min: 1, max: MAX_LIMIT }).default(DEFAULT_LIMIT).openapi({ default: DEFAULT_LIMIT }),
  cursor: AuditCursorParam.optional(),
  actor: Term.optional().openapi({ example: 'user:7f9c24e5-0d4b-4a55-8a3e-51d0c1a6f1f2' }),
  action: Term.optional().openapi({ example: 'deleteStore' }),
  target: Term.optional().openapi({ example: 'store/5b1f6f6e-9a0c-5a3e-8d8e-0f6f3a2b1c4d' }),
  outcome: z.enum(AUDIT_OUTCOMES).optional(),
  from: Instant.optional().openapi({ description: 'Only entries at this time or later.' }),
  before: Instant.optional().openapi({ description: 'Only entries that are earlier.' }),
});

export const ListAllAuditQuery = ListAuditQuery.extend({
  tenantId: Term.optional().openapi({ description: 'Only entries of this tenant.' }),
});

export const AuditEntry = z
  .strictObject({
    id: z.int().openapi({ description: 'Newer entries have larger numbers. Numbers can be missing.' }),
    at: Instant,
    tenantId: z.string().nullable().openapi({ description: 'Null: the action concerns the platform, not a tenant.' }),
    actor: z.string().openapi({ example: 'user:7f9c24e5-0d4b-4a55-8a3e-51d0c1a6f1f2' }),
    principal: z.enum(PRINCIPAL_KINDS),
    action: z.string().openapi({ description: 'The `operationId` of the request.', example: 'deleteStore' }),
    target: z.string().nullable().openapi({ example: 'store/5b1f6f6e-9a0c-5a3e-8d8e-0f6f3a2b1c4d' }),
    outcome: z.enum(AUDIT_OUTCOMES).openapi({
      description:
        '`succeeded`: the request was accepted. `refused`: the actor may not do this. `failed`: the request was rejected for another reason.',
    }),
    correlationId: z.string(),
    change: z
      .record(z.string(), z.unknown())
      .nullable()
      .openapi({ description: 'Fields of the request, without secrets. Null: none.' }),
  })
  .openapi('AuditEntry');
export type AuditEntry = z.output<typeof AuditEntry>;

export const AuditPage = z
  .strictObject({
    data: z.array(AuditEntry).readonly(),
    pagination: z.strictObject({
      limit: z.int(),
      nextCursor: z
        .string()
        .nullable()
        .openapi({ description: 'Send it as `cursor` for the next page. Null: the last page.' }),
    }),
  })
  .openapi('AuditPage');
