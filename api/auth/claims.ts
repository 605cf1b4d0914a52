import { includesRole, ROLES, type Role } from '../../domain/access/roles.ts';

/** Where a token of the company issuer says which tenant and role a principal has. */
export interface ClaimMapping {
  readonly tenantClaim: string | undefined;
  readonly roleClaim: string | undefined;
  /** Role for each value of the role claim. Empty: the values are the names of the roles. */
  readonly roles: readonly (readonly [value: string, role: Role | 'operator'])[];
}

/** Rights that a token claims. */
export interface ClaimedRights {
  readonly tenantIds: readonly string[];
  /** The highest role of the claim. Null: it has none. */
  readonly role: Role | null;
  readonly isOperator: boolean;
}

type Claims = Readonly<Record<string, unknown>>;

/** Returns the rights that the claims of a token give. */
export function rightsOf(claims: Claims, { tenantClaim, roleClaim, roles }: ClaimMapping): ClaimedRights {
  const byValue = new Map<string, Role | 'operator'>(
    roles.length === 0 ? [...ROLES, 'operator' as const].map((role) => [role, role]) : roles,
  );
  const given = textsAt(claims, roleClaim).map((value) => byValue.get(value));
  const tenantRoles = given.filter((role) => role !== undefined && role !== 'operator');
  return {
    tenantIds: textsAt(claims, tenantClaim),
    role: tenantRoles.reduce<Role | null>(
      (best, role) => (best === null || includesRole(role, best) ? role : best),
      null,
    ),
    isOperator: given.includes('operator'),
  };
}

/** Returns the texts of a claim: one text or a list. The name of a claim may be a path, such as `realm_access.roles`. */
function textsAt(claims: Claims, name: string | undefined): readonly string[] {
  if (name === undefined) return [];
  const value = Object.hasOwn(claims, name) ? claims[name] : name.split('.').reduce<unknown>(memberOf, claims);
  return [value].flat().filter((entry) => typeof entry === 'string');
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Claims)[name] // an object with this member
    : undefined;
}
