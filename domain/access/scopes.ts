/** Limits of an API token. A token without scopes has all rights of its role. */
export const SCOPES = [
  'stores:read',
  'stores:write',
  'stores:credentials',
  'members:read',
  'members:write',
  'tokens:read',
  'tokens:write',
  'webhooks:read',
  'webhooks:write',
  'audit:read',
  'platform:operate',
] as const;

export type Scope = (typeof SCOPES)[number];
