/** Roles of a member of a tenant. Each role includes the rights of the roles before it. */
export const ROLES = ['viewer', 'member', 'admin'] as const;

export type Role = (typeof ROLES)[number];

/** Returns whether a role has the rights of another one. */
export function includesRole(held: Role, needed: Role): boolean {
  return ROLES.indexOf(held) >= ROLES.indexOf(needed);
}

/** Returns the role with fewer rights. */
export function lowerRole(one: Role, other: Role): Role {
  return includesRole(one, other) ? other : one;
}
