import { problemKind, type ProblemCode } from './catalogue.ts';
import { ProblemDetails } from '../contract/problem.ts';

/**
 * Returns the OpenAPI responses for the problems of a route of the API. The problems of authentication, and INTERNAL, are
 * always included.
 */
export function problemResponses(...codes: readonly ProblemCode[]) {
  return publicProblemResponses('UNAUTHENTICATED', 'FORBIDDEN', 'INSUFFICIENT_SCOPE', 'TENANT_NOT_FOUND', ...codes);
}

/** Returns the OpenAPI responses for the problems of a route that needs no credential. INTERNAL is always included. */
export function publicProblemResponses(...codes: readonly ProblemCode[]) {
  const byStatus = new Map<number, string[]>();
  for (const code of [...codes, 'INTERNAL'] as const) {
    const { status, title } = problemKind(code);
    byStatus.set(status, [...(byStatus.get(status) ?? []), `\`${code}\`: ${title}.`]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, lines]) => [
      status,
      { description: lines.join(' '), content: { 'application/problem+json': { schema: ProblemDetails } } },
    ]),
  );
}
