import type { z } from '@hono/zod-openapi';
import type { Role } from '../../domain/access/roles.ts';
import type { InvitationRecord } from '../../domain/ports/invitation-records.ts';
import type { TenancyWork } from '../../domain/ports/tenancy-records.ts';
import type { AcceptInvitationBody } from '../contract/invitation.ts';
import { Problem } from '../problems/problem.ts';
import type { TenancyOptions } from './context.ts';

type NewUser = NonNullable<z.output<typeof AcceptInvitationBody>['user']>;

export interface Accepted {
  readonly tenantId: string;
  readonly role: Role;
  readonly userId: string;
}

/** Accepts invitations. The route and the page use the same functions. */
export interface Acceptance {
  /** Returns an open invitation, or undefined. */
  find(hash: Buffer): Promise<InvitationRecord | undefined>;
  /** @throws Problem INVITATION_NOT_FOUND, FORBIDDEN */
  accept(hash: Buffer, userId: string): Promise<Accepted>;
  /** Creates a user with a password who accepts. @throws Problem INVITATION_NOT_FOUND, FORBIDDEN, EMAIL_TAKEN */
  acceptAsNewUser(hash: Buffer, user: NewUser): Promise<Accepted>;
}

export function createAcceptance({
  records,
  hashPassword,
  newId,
  now,
}: Pick<TenancyOptions, 'records' | 'hashPassword' | 'newId' | 'now'>): Acceptance {
  const find = (hash: Buffer) => records.findInvitation({ hash, now: now() });

  async function acceptIn(work: TenancyWork, hash: Buffer, userId: string): Promise<Accepted> {
    const result = await work.acceptInvitation({ hash, userId, now: now() });
    if (result.kind === 'notFound') throw invitationNotFound();
    if (result.kind === 'otherEmail') {
      throw new Problem('FORBIDDEN', 'The invitation is for another email address. Log in with this address.');
    }
    const { tenantId, role } = result;
    return { tenantId, role, userId };
  }

  async function acceptAsNewUser(hash: Buffer, { email, name, password }: NewUser): Promise<Accepted> {
    if (hashPassword === undefined) {
      throw new Problem('FORBIDDEN', 'People log in at the issuer of their company. Log in there, then accept.');
    }
    // Without a valid secret, no client can make the API compute a password hash.
    if ((await find(hash)) === undefined) throw invitationNotFound();
    const passwordHash = await hashPassword(password);
    return records.inTransaction(async (work) => {
      const userId = newId();
      const created = await work.createLocalUser({ userId, email, name, passwordHash, now: now() });
      if (created === 'emailTaken') {
        throw new Problem('EMAIL_TAKEN', 'A user with this email address exists. Log in, then accept the invitation.');
      }
      return acceptIn(work, hash, userId);
    });
  }

  return { find, accept: (hash, userId) => acceptIn(records, hash, userId), acceptAsNewUser };
}

function invitationNotFound(): Problem {
  return new Problem('INVITATION_NOT_FOUND', 'The link is wrong, expired, revoked or used. Ask for a new invitation.');
}
