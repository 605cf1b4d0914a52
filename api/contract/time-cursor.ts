import { z } from '@hono/zod-openapi';
import type { ListPosition } from '../../domain/ports/webhook-records.ts';

const Fields = z.tuple([z.iso.datetime(), z.uuid()]);

/** The cursor of a list that is sorted by creation. Clients cannot read meaning into it, so its form may change. */
export const TimeCursorParam = z
  .string()
  .transform((text, context): ListPosition => {
    const parsed = Fields.safeParse(jsonOf(text));
    if (parsed.success) return { createdAt: new Date(parsed.data[0]), id: parsed.data[1] };
    context.addIssue({ code: 'custom', message: 'is not a cursor: send the nextCursor of the previous page' });
    return z.NEVER;
  })
  .openapi({ type: 'string', description: 'The `nextCursor` of the previous page.' });

/** Returns the cursor as text for a query string. */
export function encodeTimeCursor({ createdAt, id }: ListPosition): string {
  return Buffer.from(JSON.stringify([createdAt.toISOString(), id])).toString('base64url');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
