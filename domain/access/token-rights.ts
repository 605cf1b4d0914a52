import type { Identity } from './principal.ts';
import { includesRole, lowerRole, type Role } from './roles.ts';
import type { Scope } from './scopes.ts';

/** Rights that an API token asks for when it is created. */
export interface RequestedRights {
  readonly role: Role;
  /** Null: all rights of the role. */
  readonly scopes: readonly Scope[] | null;
}

/** Rights of a token and of its owner, as the database has them now. */
export interface StoredRights extends RequestedRights {
  /** Present role of the owner in the tenant of the token. Null: the owner has none. */
  readonly ownerRole: Role | null;
  /** Whether the owner is a user who operates the platform. */
  readonly isOwnerOperator: boolean;
}

/** Rights that a token has now. */
export interface EffectiveRights {
  readonly role: Role;
  readonly isOperator: boolean;
}

/**
 * Returns the rights of a token, or undefined if it has none: its owner has left the tenant. A token never has more
 * rights than its owner has now. It operates the platform only if its owner does, its role is `admin`, and its scopes
 * allow it.
 */
export function effectiveRights(stored: StoredRights): EffectiveRights | undefined {
  const { role, scopes, ownerRole, isOwnerOperator } = stored;
  const isOperator = isOwnerOperator && role === 'admin' && (scopes === null || scopes.includes('platform:operate'));
  if (isOperator) return { role, isOperator };
  return ownerRole === null ? undefined : { role: lowerRole(role, ownerRole), isOperator };
}

/**
 * Returns why an identity may not create a token with these rights, or null if it may. A principal gives no right that
 * it does not have itself.
 *
 * @param limit Role that the token may have at most: that of its maker or, if it is lower, of its service account.
 */
export function refusalOfRights(
  { role, scopes }: RequestedRights,
  { limit, maker }: { readonly limit: Role; readonly maker: Pick<Identity, 'scopes' | 'isOperator'> },
): string | null {
  if (!includesRole(limit, role)) return `The token may have at most the role ${limit}.`;
  if (scopes?.includes('platform:operate') === true && !maker.isOperator) {
    return 'Only operators of the platform may give the scope platform:operate.';
  }
  if (maker.scopes === null) return null;
  if (scopes === null) return 'Your token has scopes, so a new token needs scopes too.';
  const foreign = scopes.filter((scope) => maker.scopes?.includes(scope) !== true);
  return foreign.length === 0 ? null : `Your token does not have the scopes ${foreign.join(', ')}.`;
}
