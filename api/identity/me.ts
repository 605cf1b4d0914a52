import type { PeopleRecords } from '../../db/identity/people.ts';
import { actorOf, type Identity, type Principal } from '../../domain/access/principal.ts';
import type { Me } from '../contract/identity.ts';

/** Returns the id of the person behind a principal, or null for a program. */
export function userIdOf(principal: Principal): string | null {
  return 'userId' in principal ? principal.userId : null;
}

/** Returns what an authenticated principal may know about itself. */
export async function describePrincipal(
  people: Pick<PeopleRecords, 'findUser' | 'membershipsOf'>,
  { principal, isOperator, scopes, membership }: Identity,
  authentication: string,
): Promise<Me> {
  const userId = userIdOf(principal);
  const [user, memberships] =
    userId === null ? [undefined, []] : await Promise.all([people.findUser(userId), people.membershipsOf(userId)]);
  const own = membership === null ? [] : [{ ...membership, name: membership.tenantId }];
  // A token acts for its own tenant only.
  const tenants = principal.kind === 'user' || principal.kind === 'jwt' ? memberships : [];
  return {
    principal: principal.kind,
    actor: actorOf(principal),
    user: user === undefined ? null : { userId: user.userId, email: user.email, name: user.name, issuer: user.issuer },
    sessionId: principal.kind === 'user' ? principal.sessionId : null,
    isOperator,
    scopes: scopes === null ? null : [...scopes],
    tenant: membership === null ? null : { ...membership },
    tenants: tenants.length === 0 ? own : [...tenants],
    authentication,
  };
}
