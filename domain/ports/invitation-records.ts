import type { Role } from '../access/roles.ts';
import type { Page, PageQuery } from '../list-position.ts';

export interface InvitationRecord {
  readonly id: string;
  readonly tenantId: string;
  /** Null: every person with the link may accept. */
  readonly email: string | null;
  readonly role: Role;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export type AcceptResult =
  | { readonly kind: 'accepted'; readonly tenantId: string; readonly role: Role }
  /** The invitation is unknown, expired, revoked, or accepted by another person. */
  | { readonly kind: 'notFound' }
  /** The invitation is for another address. */
  | { readonly kind: 'otherEmail' };

/** Invitations. Every function throws StoreError DATABASE_UNAVAILABLE when Postgres does not answer. */
export interface InvitationRecords {
  createInvitation(
    input: Omit<InvitationRecord, 'createdAt'> & { readonly hash: Buffer; readonly now: Date },
  ): Promise<InvitationRecord>;
  /** Lists open invitations, newest first. */
  listInvitations(
    query: PageQuery & { readonly tenantId: string; readonly now: Date },
  ): Promise<Page<InvitationRecord>>;
  /** Returns whether the tenant has such an open invitation. */
  revokeInvitation(key: { readonly tenantId: string; readonly id: string; readonly now: Date }): Promise<boolean>;
  /** Returns an open invitation by its secret. */
  findInvitation(query: { readonly hash: Buffer; readonly now: Date }): Promise<InvitationRecord | undefined>;
  /**
   * Makes a user a member. A member keeps the higher of both roles. The same user may accept again, and then nothing
   * changes.
   */
  acceptInvitation(input: {
    readonly hash: Buffer;
    readonly userId: string;
    readonly now: Date;
  }): Promise<AcceptResult>;
}
