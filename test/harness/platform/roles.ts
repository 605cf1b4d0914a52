import { randomBytes } from 'node:crypto';

/** Senders of the requests: an API token of each role of a tenant, and one of an operator of the platform. */
export const ROLES = ['viewer', 'member', 'admin', 'operator'] as const;
export type Role = (typeof ROLES)[number];

/** The browser session of an operator. */
export interface OperatorSession {
  readonly cookie: string;
  /** Sends a request with a new idempotency key. @throws Error with the body of a response that is not a success. */
  post(path: string, body: unknown): Promise<Created>;
}

/**
 * Creates the first operator of an installation and logs in.
 *
 * @param setupUrl The link that the API logs when it starts without an operator.
 */
export async function setUpOperator(setupUrl: string): Promise<OperatorSession> {
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
  return { cookie: headers['cookie'] ?? '', post: async (path, body) => (await post(path, body)).json };
}

/** Creates a token of each role with the session of an operator. */
export async function createTokens(session: OperatorSession): Promise<Readonly<Record<Role, string>>> {
  async function tokenOf(role: Role): Promise<string> {
    if (role === 'operator') return (await session.post('/api/tokens', { name: role })).token;
    const { serviceAccountId } = await session.post('/api/service-accounts', { name: role, role });
    return (await session.post('/api/tokens', { name: role, serviceAccountId })).token;
  }

  const tokens = {} as Record<Role, string>; // the loop sets every role
  for (const role of ROLES) tokens[role] = await tokenOf(role);
  return tokens;
}

/** Fields of the created resources that the tests use. */
interface Created {
  readonly token: string;
  readonly serviceAccountId: string;
}
