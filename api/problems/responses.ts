import { problemKind, problemType, type ProblemCode } from './catalogue.ts';
import { ProblemDetails } from '../contract/problem.ts';

/** Problems that every route can have, before the route sees the request. */
const COMMON = ['MALFORMED_REQUEST', 'REQUEST_TIMEOUT', 'URL_TOO_LONG', 'HEADERS_TOO_LARGE', 'INTERNAL'] as const;

/** Problems that every route below `/api` can have, because of the sender of the request. */
const AUTHENTICATED = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'INSUFFICIENT_SCOPE',
  'TENANT_NOT_FOUND',
  'RATE_LIMITED',
] as const;

/**
 * Returns the OpenAPI responses for the problems of a route of the API, with an example of each code. The problems of
 * authentication, and the common ones, are always included.
 */
export function problemResponses(...codes: readonly ProblemCode[]) {
  return publicProblemResponses(...AUTHENTICATED, ...codes);
}

/** Returns the OpenAPI responses for the problems of a route that needs no credential. The common ones are always included. */
export function publicProblemResponses(...codes: readonly ProblemCode[]) {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of new Set([...codes, ...COMMON])) {
    const { status } = problemKind(code);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries([...byStatus].map(([status, members]) => [status, responseOf(members)]));
}

function responseOf(codes: readonly ProblemCode[]) {
  return {
    description: codes.map((code) => `\`${code}\`: ${problemKind(code).title}.`).join(' '),
    content: {
      'application/problem+json': {
        schema: ProblemDetails,
        examples: Object.fromEntries(codes.map((code) => [code, { value: exampleOf(code) }])),
      },
    },
  };
}

function exampleOf(code: ProblemCode) {
  const { status, title } = problemKind(code);
  return {
    type: problemType(code),
    title,
    status,
    detail: `${title}.`,
    code,
    instance: '/api/stores',
    correlationId: '288e014a-4b4f-494f-a73a-f56292e8c1cb',
  };
}
