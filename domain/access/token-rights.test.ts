import { describe, expect, test } from '@jest/globals';
import { assert, constantFrom, option, property, subarray } from 'fast-check';
import { includesRole, ROLES, type Role } from './roles.ts';
import { SCOPES } from './scopes.ts';
import { effectiveRights, refusalOfRights, type StoredRights } from './token-rights.ts';

const MEMBER: StoredRights = { role: 'member', scopes: null, ownerRole: 'admin', isOwnerOperator: false };

describe('effectiveRights', () => {
  test.each<[string, Partial<StoredRights>, ReturnType<typeof effectiveRights>]>([
    ['keeps the role of the token below that of the owner', {}, { role: 'member', isOperator: false }],
    ['follows an owner who was demoted', { ownerRole: 'viewer' }, { role: 'viewer', isOperator: false }],
    ['has no rights when the owner left the tenant', { ownerRole: null }, undefined],
    ['does not operate below the role admin', { isOwnerOperator: true }, { role: 'member', isOperator: false }],
    [
      'operates the platform for an operator, also without a membership',
      { isOwnerOperator: true, role: 'admin', ownerRole: null },
      { role: 'admin', isOperator: true },
    ],
    [
      'does not operate with other scopes',
      { isOwnerOperator: true, role: 'admin', scopes: ['stores:read'], ownerRole: 'viewer' },
      { role: 'viewer', isOperator: false },
    ],
    [
      'operates with the scope platform:operate',
      { isOwnerOperator: true, role: 'admin', scopes: ['platform:operate'], ownerRole: null },
      { role: 'admin', isOperator: true },
    ],
    [
      'never operates for an owner who does not',
      { role: 'admin', scopes: ['platform:operate'] },
      { role: 'admin', isOperator: false },
    ],
  ])('%s', (_, rights, expected) => {
    expect(effectiveRights({ ...MEMBER, ...rights })).toEqual(expected);
  });
});

test('a token that may be created never has a right that its maker does not have', () => {
  const scopes = option(subarray([...SCOPES], { minLength: 1 }), { nil: null });
  const role = constantFrom<Role>(...ROLES);
  assert(
    property(role, role, scopes, scopes, constantFrom(true, false), (held, asked, own, requested, isOperator) => {
      const maker = { scopes: own, isOperator };
      const refusal = refusalOfRights({ role: asked, scopes: requested }, { limit: held, maker });
      if (refusal !== null) return;
      expect(includesRole(held, asked)).toBe(true);
      if (own !== null) expect(own).toEqual(expect.arrayContaining([...(requested ?? SCOPES)]));
      if (!isOperator) expect(requested ?? []).not.toContain('platform:operate');
    }),
  );
});

test('an admin without scopes may give every role and scope of a tenant', () => {
  const maker = { scopes: null, isOperator: false };
  for (const role of ROLES) expect(refusalOfRights({ role, scopes: null }, { limit: 'admin', maker })).toBeNull();
});
