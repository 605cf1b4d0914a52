import type { Context } from 'hono';
import type { z } from '@hono/zod-openapi';
import type { AppEnv } from '../app-env.ts';
import { problemKind } from '../problems/catalogue.ts';
import { Problem } from '../problems/problem.ts';
import type { Html } from './layout.ts';

/** Reads the text fields of a form. A file or a repeated field is not read. */
export async function fieldsOf(c: Context<AppEnv>): Promise<Readonly<Record<string, string>>> {
  const fields = await c.req.parseBody();
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** Returns the fields of a form if they fit the schema. @throws Problem INVALID_REQUEST with the first error in words. */
export function validFields<Schema extends z.ZodType>(schema: Schema, fields: unknown): z.output<Schema> {
  const result = schema.safeParse(fields);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Problem('INVALID_REQUEST', `${labelOf(issue?.path.at(-1))} ${issue?.message ?? 'is not valid'}.`);
}

function labelOf(name: PropertyKey | undefined): string {
  return `The ${String(name ?? 'form')}`;
}

/**
 * Runs the work of a form. If it fails because of its input, returns the page again with the message.
 *
 * @param show Returns the page with the message.
 */
export async function submit(
  c: Context<AppEnv>,
  work: () => Promise<Response>,
  show: (message: string) => Html | Promise<Html>,
): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { status } = problemKind(error.code);
    if (status >= 500) throw error;
    for (const [name, value] of Object.entries(error.headers)) c.header(name, value);
    return c.html(await show(error.detail), status);
  }
}
