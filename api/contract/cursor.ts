import { z } from '@hono/zod-openapi';

/** Returns the schema of a cursor. `decode` returns null for a text that is no cursor of the list. */
export function cursorParam<Cursor>(decode: (text: string) => Cursor | null) {
  return z
    .string()
    .transform((text, context): Cursor => {
      const cursor = decode(text);
      if (cursor !== null) return cursor;
      context.addIssue({ code: 'custom', message: 'is not a cursor: send the nextCursor of the previous page' });
      return z.NEVER;
    })
    .openapi({ type: 'string', description: 'The `nextCursor` of the previous page.' });
}

/** Returns the fields of a cursor as text for a query string. Its form may change: clients cannot read it. */
export function encodeCursor(fields: readonly string[]): string {
  return Buffer.from(JSON.stringify(fields)).toString('base64url');
}

/** Returns the fields in a text, unchecked, or undefined if the text has none. */
export function fieldsOfCursor(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
