import type { Identity } from '../../domain/access/principal.ts';
import type { ReadAhead } from './read-ahead.ts';

/** Reads a header of a request. */
export type HeaderReader = (name: string) => string | undefined;

/** One way to authenticate the sender of a request. */
export interface Authenticator {
  /** Returns the credential of a request that this authenticator checks, or undefined: another one may check it. */
  credentialOf(header: HeaderReader): string | undefined;
  /**
   * Returns who presents the credential, or undefined if the credential is not valid.
   *
   * @param requestedTenant Tenant that the request names. Undefined: the default tenant of the principal.
   * @param ahead A store that the authenticator may read for the handler.
   * @throws StoreError DATABASE_UNAVAILABLE
   */
  authenticate(
    credential: string,
    requestedTenant: string | undefined,
    ahead?: ReadAhead,
  ): Promise<Identity | undefined>;
}

/** The tenant of an installation without authentication, and the first tenant of every other one. */
export const DEFAULT_TENANT = 'default-user';

/** Accepts every request as an operator: for `AUTH=none`, which is possible on the loopback interface only. */
export const noAuthentication: Authenticator = {
  credentialOf: () => 'none',
  authenticate: async (_, requestedTenant) => ({
    principal: { kind: 'anonymous' },
    isOperator: true,
    scopes: null,
    membership: { tenantId: requestedTenant ?? DEFAULT_TENANT, role: 'admin' },
  }),
};
