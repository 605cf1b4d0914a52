import { expect, test } from '@jest/globals';
import { rightsOf } from './claims.ts';

const plain = { tenantClaim: 'tenant', roleClaim: 'roles', roles: [] };

test('reads one tenant or a list, and takes the highest role', () => {
  expect(rightsOf({ tenant: 't1', roles: 'viewer' }, plain)).toEqual({
    tenantIds: ['t1'],
    role: 'viewer',
    isOperator: false,
  });
  expect(rightsOf({ tenant: ['t1', 't2'], roles: ['viewer', 'admin', 'member'] }, plain)).toEqual({
    tenantIds: ['t1', 't2'],
    role: 'admin',
    isOperator: false,
  });
});

test('with a mapping, only the values of the mapping give a role', () => {
  const mapped = {
    ...plain,
    roles: [
      ['shop-admins', 'admin'],
      ['platform', 'operator'],
    ] as const,
  };
  expect(rightsOf({ roles: ['shop-admins', 'platform'] }, mapped)).toMatchObject({ role: 'admin', isOperator: true });
  expect(rightsOf({ roles: ['admin', 'operator'] }, mapped)).toMatchObject({ role: null, isOperator: false });
});

test('finds a claim whose name is a URL, and one inside another claim', () => {
  const url = 'https://example.com/roles';
  expect(rightsOf({ [url]: 'member' }, { ...plain, roleClaim: url }).role).toBe('member');
  const nested = { ...plain, roleClaim: 'realm_access.roles' };
  expect(rightsOf({ realm_access: { roles: ['viewer'] } }, nested).role).toBe('viewer');
});

test.each([
  [{}],
  [{ tenant: 7, roles: { admin: true } }],
  [{ tenant: null, roles: null }],
  [{ roles: ['Admin', 'constructor', '__proto__'] }],
])('gives no right for %j', (claims) => {
  expect(rightsOf(claims, plain)).toEqual({ tenantIds: [], role: null, isOperator: false });
});

test('gives no right without the names of claims', () => {
  const none = { tenantClaim: undefined, roleClaim: undefined, roles: [] };
  expect(rightsOf({ tenant: 't1', roles: 'operator' }, none)).toEqual({ tenantIds: [], role: null, isOperator: false });
  expect(rightsOf({}, { ...none, roleClaim: 'constructor.name' }).role).toBeNull();
});
