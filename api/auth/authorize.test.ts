import { describe, expect, test } from '@jest/globals';
import { ROLES, type Role } from '../../domain/access/roles.ts';
import { SCOPES } from '../../domain/access/scopes.ts';
import type { Identity } from '../../domain/access/principal.ts';
import { fakeApi, readJson } from '../../test/harness/platform/fake-api.ts';
import { accessTo, KNOWN_OPERATIONS } from './access.ts';
import type { Authenticator } from './authenticator.ts';

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
}

const { paths } = fakeApi().app.getOpenAPI31Document({ openapi: '3.1.0', info: { title: '', version: '' } });
const OPERATIONS: readonly Operation[] = Object.entries(paths ?? {}).flatMap(([path, methods]) =>
  Object.entries(methods as Record<string, { operationId?: string }>)
    .filter(() => path.startsWith('/api/'))
    .map(([method, { operationId = '' }]) => ({ method: method.toUpperCase(), path, operationId })),
);
const ACTORS = ['none', ...ROLES, 'operator'] as const;
const ACCESS_CODES = new Set(['UNAUTHENTICATED', 'FORBIDDEN', 'INSUFFICIENT_SCOPE', 'TENANT_NOT_FOUND']);

/** Authenticates `Bearer <role>` as a user with this role in the tenant t1. */
function authenticatorFor(scopes: Identity['scopes'] = null): Authenticator {
  return {
    credentialOf: (header) => header('authorization')?.replace('Bearer ', ''),
    authenticate: async (credential) => {
      if (!ACTORS.some((actor) => actor === credential)) return undefined;
      return {
        principal: { kind: 'user', userId: 'u1', sessionId: 's1' },
        isOperator: credential === 'operator',
        scopes,
        membership: roleOf(credential),
      };
    },
  };
}

function roleOf(credential: string): Identity['membership'] {
  if (credential === 'none') return null;
  return { tenantId: 't1', role: credential === 'operator' ? 'admin' : (credential as Role) };
}

/** Calls an operation and returns the problem of access, or undefined if the caller may call it. */
async function refusalOf({ method, path }: Operation, actor?: string, scopes: Identity['scopes'] = null) {
  const { app } = fakeApi({ authenticators: [authenticatorFor(scopes)] });
  const response = await app.request(path.replaceAll(/\{\w+\}/g, '00000000-0000-4000-8000-000000000000'), {
    method,
    headers: actor === undefined ? {} : { authorization: `Bearer ${actor}` },
  });
  const text = await response.text();
  const code = text.startsWith('{') ? (JSON.parse(text) as { code?: string }).code : undefined;
  return code !== undefined && ACCESS_CODES.has(code) ? code : undefined;
}

test('the access table has one row for each operation of the API', () => {
  expect(OPERATIONS.map(({ operationId }) => operationId).toSorted()).toEqual(KNOWN_OPERATIONS.toSorted());
});

describe.each(OPERATIONS)('$operationId', (operation) => {
  const access = accessTo(operation.operationId);
  const needs = access?.needs ?? 'operator';

  test.each(ACTORS)('answers a caller with the rights of %s as the access table says', async (actor) => {
    const allowed = {
      public: ACTORS,
      user: ACTORS,
      viewer: ['viewer', 'member', 'admin', 'operator'],
      member: ['member', 'admin', 'operator'],
      admin: ['admin', 'operator'],
      operator: ['operator'],
    }[needs] as readonly string[];
    expect((await refusalOf(operation, actor)) === undefined).toBe(allowed.includes(actor));
  });

  test('refuses a caller without a credential, and one with a wrong credential', async () => {
    const expected = needs === 'public' ? undefined : 'UNAUTHENTICATED';
    expect(await refusalOf(operation)).toBe(expected);
    expect(await refusalOf(operation, 'forged')).toBe(expected);
  });

  test('refuses a token that has all scopes but the one of the operation', async () => {
    if (needs === 'public' || access?.scope === 'any') return;
    const others = SCOPES.filter((scope) => scope !== access?.scope);
    expect(await refusalOf(operation, 'operator', others)).toBe('INSUFFICIENT_SCOPE');
    if (access?.scope !== null && access !== undefined) {
      expect(await refusalOf(operation, 'operator', [access.scope])).toBeUndefined();
    }
  });
});

test('a refusal says which role the operation needs, and how to authenticate', async () => {
  const { app } = fakeApi({ authenticators: [authenticatorFor()] });
  const request = (authorization: string) =>
    app.request('/api/stores/x/retry', { method: 'POST', headers: { authorization } });
  const forbidden = await request('Bearer viewer');
  expect([forbidden.status, await readJson(forbidden)]).toMatchObject([403, { code: 'FORBIDDEN' }]);
  const wrong = await request('Bearer forged');
  expect([wrong.status, wrong.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
});
