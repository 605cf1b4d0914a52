import type { Components, SecurityRequirement } from './types.ts';

/** How a request can prove who sends it. */
export const SECURITY_SCHEMES: NonNullable<Components['securitySchemes']> = {
  apiToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'API token',
    description: 'An API token of a service account or of a user. It begins with `sp_`.',
  },
  accessToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'An access token of the company issuer.',
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'store_platform_session',
    description: 'The session of a browser. Over https, the name of the cookie begins with `__Host-`.',
  },
};

const ANY_SCHEME: readonly SecurityRequirement[] = Object.keys(SECURITY_SCHEMES).map((name) => ({ [name]: [] }));

/** Returns the security requirements of an operation. An empty list: anyone may send the request. */
export function securityOf(_operationId: string, path: string): readonly SecurityRequirement[] {
  return path.startsWith('/api/') ? ANY_SCHEME : [];
}
