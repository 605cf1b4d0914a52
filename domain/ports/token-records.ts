import type { Role } from '../access/roles.ts';
import type { Scope } from '../access/scopes.ts';
import type { StoredRights } from '../access/token-rights.ts';
import type { Page, PageQuery } from '../list-position.ts';

export interface ServiceAccountRecord {
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  readonly role: Role;
  readonly createdBy: string;
  readonly createdAt: Date;
}

/** An API token without its secret. Either `userId` or `serviceAccountId` is set. */
export interface TokenRecord {
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  /** First characters of the token. */
  readonly prefix: string;
  readonly userId: string | null;
  readonly serviceAccountId: string | null;
  readonly role: Role;
  readonly scopes: readonly Scope[] | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
}

/** A token that is not expired and not revoked, and whose owner exists. */
export interface PresentedToken extends StoredRights {
  readonly id: string;
  readonly tenantId: string;
  readonly userId: string | null;
  readonly serviceAccountId: string | null;
  readonly lastUsedAt: Date | null;
}

/** Owner of tokens in a tenant. */
export type TokenOwner = { readonly userId: string } | { readonly serviceAccountId: string };

/** The look-up of each request with an API token. */
export interface TokenLookup {
  findToken(query: { readonly hash: Buffer; readonly now: Date }): Promise<PresentedToken | undefined>;
  /** Writes the time of use, unless it was written less than a minute ago. */
  noteTokenUse(input: { readonly id: string; readonly now: Date }): Promise<void>;
}

/** Service accounts and API tokens. Every function throws StoreError DATABASE_UNAVAILABLE when Postgres does not answer. */
export interface TokenRecords extends TokenLookup {
  createServiceAccount(
    input: Omit<ServiceAccountRecord, 'createdAt'> & { readonly now: Date },
  ): Promise<ServiceAccountRecord>;
  /** Lists service accounts, newest first. */
  listServiceAccounts(query: PageQuery & { readonly tenantId: string }): Promise<Page<ServiceAccountRecord>>;
  getServiceAccount(key: { readonly tenantId: string; readonly id: string }): Promise<ServiceAccountRecord | undefined>;
  /** Deletes a service account. Its tokens end. Returns false if the tenant has no such account. */
  deleteServiceAccount(key: { readonly tenantId: string; readonly id: string; readonly now: Date }): Promise<boolean>;
  createToken(
    input: Omit<TokenRecord, 'createdAt' | 'lastUsedAt'> & { readonly hash: Buffer; readonly now: Date },
  ): Promise<TokenRecord>;
  /** Lists the tokens of an owner that are not revoked, newest first. */
  listTokens(query: PageQuery & { readonly tenantId: string; readonly owner: TokenOwner }): Promise<Page<TokenRecord>>;
  /** Returns a token that is not revoked. */
  getToken(key: { readonly tenantId: string; readonly id: string }): Promise<TokenRecord | undefined>;
  revokeToken(key: { readonly tenantId: string; readonly id: string; readonly now: Date }): Promise<boolean>;
}
