import { accessTo, type Needed } from '../auth/access.ts';
import type { Components, SecurityRequirement } from './types.ts';

/** The ways to authenticate a request. */
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

/** Returns the security requirements of an operation, from the access table. An empty list: anyone may send the request. */
export function securityOf(operationId: string, path: string): readonly SecurityRequirement[] {
  // The table has only the operations below /api. All others are for everyone.
  if (!path.startsWith('/api/')) return [];
  return accessTo(operationId)?.needs === 'public' ? [] : ANY_SCHEME;
}

/** Returns a sentence about who may call an operation, or undefined if everyone may. */
export function accessSentence(operationId: string): string | undefined {
  const access = accessTo(operationId);
  if (access === undefined || access.needs === 'public') return undefined;
  const scope = access.scope === null ? 'no token with scopes' : `a token with scopes needs \`${access.scope}\``;
  return `${WHO[access.needs]}; ${scope}.`;
}

const WHO: Readonly<Record<Exclude<Needed, 'public'>, string>> = {
  user: 'For every authenticated principal',
  viewer: 'For the role `viewer` and above',
  member: 'For the role `member` and above',
  admin: 'For the role `admin` and for operators of the platform',
  operator: 'For operators of the platform',
};
