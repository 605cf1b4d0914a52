import type { StoreTarget } from '../operations/inputs.ts';

/** The sign-in of the merchant to the admin pages of a store. */
export interface AdminCredentials {
  /** User name or e-mail address. */
  readonly login: string;
  readonly password: string;
}

/** Reads the credentials of a store where they are stored. Nothing keeps them after the call. */
export interface CredentialReader {
  /**
   * Returns undefined when the store has no credentials: it was not provisioned far enough, or it is deleted.
   *
   * @throws StoreError CLUSTER_UNAVAILABLE, CLUSTER_REFUSED, NAMESPACE_FOREIGN
   */
  read(store: StoreTarget): Promise<AdminCredentials | undefined>;
}
