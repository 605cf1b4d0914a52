import { randomBytes } from 'node:crypto';

/** Senders of the requests: an API token of each role of a tenant, and one of an operator of the platform. */
export const ROLES = ['viewer', 'member', 'admin', 'operator'] as const;
export type Role = (typeof ROLES)[number];

/**
 * Creates the first operator of an installation, and with its session a token of each role.
 *
 * @param setupUrl The link that the API logs when it starts without an operator.
 */
export async function createTokens(setupUrl: string): Promise<Readonly<Record<Role, string>>> {
  const { origin, searchParams } = new URL(setupUrl);
  const headers: Record<string, string> = { 'content-type': 'application/json', origin };
  let keys = 0;

  async function post(path: string, body: unknown): Promise<{ readonly response: Response; readonly json: Created }> {
    keys += 1;
    const request = { method: 'POST', headers: { ...headers, 'idempotency-key': `key-${keys}` } };
    const response = await fetch(`${origin}${path}`, { ...request, body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`POST ${path} failed: ${text}`);
    return { response, json: JSON.parse(text) as Created };
  }

  const password = randomBytes(18).toString('base64url');
  const user = { token: searchParams.get('token'), name: 'Operator', email: 'operator@example.com', password };
  const { response } = await post('/api/setup', user);
  headers['cookie'] = response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');

  async function tokenOf(role: Role): Promise<string> {
    if (role === 'operator') return (await post('/api/tokens', { name: role })).json.token;
    const { json } = await post('/api/service-accounts', { name: role, role });
    return (await post('/api/tokens', { name: role, serviceAccountId: json.serviceAccountId })).json.token;
  }

  const tokens = {} as Record<Role, string>; // the loop sets every role
  for (const role of ROLES) tokens[role] = await tokenOf(role);
  return tokens;
}

interface Created {
  readonly token: string;
  readonly serviceAccountId: string;
}
