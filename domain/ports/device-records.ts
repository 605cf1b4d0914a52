/** Results of a poll of a device login. The names are the error codes of RFC 8628. */
export type PollResult =
  | {
      readonly kind: 'redeemed';
      readonly userId: string;
      readonly tenantId: string;
      readonly clientName: string | null;
    }
  | { readonly kind: 'authorization_pending' }
  | { readonly kind: 'slow_down' }
  | { readonly kind: 'access_denied' }
  | { readonly kind: 'expired_token' };

/** Logins of the command line (RFC 8628). Every function throws StoreError DATABASE_UNAVAILABLE when Postgres does not answer. */
export interface DeviceRecords {
  /** Returns false if another open login has the user code. */
  createDeviceCode(input: {
    readonly hash: Buffer;
    readonly userCode: string;
    readonly clientName: string | null;
    readonly intervalSeconds: number;
    readonly expiresAt: Date;
    readonly now: Date;
  }): Promise<boolean>;
  /**
   * Binds a pending login to a user who approves it for a tenant, or denies it. Returns the name of the machine, or
   * undefined if no pending login has the code or the user may not use the tenant.
   */
  decideDeviceCode(input: {
    readonly userCode: string;
    readonly decision: 'approved' | 'denied';
    readonly userId: string;
    /** Tenant of the login. Null: the login is denied. */
    readonly tenantId: string | null;
    readonly now: Date;
  }): Promise<{ readonly clientName: string | null } | undefined>;
  /** Reads the state of a login. An approved one is redeemed: it can be redeemed once. */
  pollDeviceCode(input: { readonly hash: Buffer; readonly now: Date }): Promise<PollResult>;
}
