import { assertNever } from '../assert-never.ts';
import type { Role } from './roles.ts';
import type { Scope } from './scopes.ts';

/** The sender of a request. Every authenticator returns one of these. */
export type Principal =
  /** Authentication is off. */
  | { readonly kind: 'anonymous' }
  /** A person with a browser session. */
  | { readonly kind: 'user'; readonly userId: string; readonly sessionId: string }
  /** An API token of a person. */
  | { readonly kind: 'userToken'; readonly tokenId: string; readonly userId: string }
  /** An API token of a service account. */
  | { readonly kind: 'serviceAccountToken'; readonly tokenId: string; readonly serviceAccountId: string }
  /** A JWT of the company's issuer. */
  | { readonly kind: 'jwt'; readonly issuer: string; readonly subject: string; readonly userId: string | null };

export type PrincipalKind = Principal['kind'];

export const PRINCIPAL_KINDS = ['anonymous', 'user', 'userToken', 'serviceAccountToken', 'jwt'] as const;

/** The tenant for which a principal acts, and its role there. */
export interface Membership {
  readonly tenantId: string;
  readonly role: Role;
}

/** The result of an authentication. */
export interface Identity {
  readonly principal: Principal;
  /** Whether the principal operates the platform. An operator has the role admin in every tenant. */
  readonly isOperator: boolean;
  /** Null: all rights of the role. */
  readonly scopes: readonly Scope[] | null;
  /** The membership in the requested tenant, or in the default one of the principal. Null: there is none. */
  readonly membership: Membership | null;
}

/** Returns the text that records and the audit log use for a principal, such as `user:<id>`. */
export function actorOf(principal: Principal): string {
  switch (principal.kind) {
    case 'anonymous':
      return 'anonymous';
    case 'user':
    case 'userToken':
      return `user:${principal.userId}`;
    case 'serviceAccountToken':
      return `service-account:${principal.serviceAccountId}`;
    case 'jwt':
      return principal.userId === null ? `jwt:${principal.issuer}#${principal.subject}` : `user:${principal.userId}`;
    default:
      return assertNever(principal);
  }
}
