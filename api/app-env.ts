import type { Identity } from '../domain/access/principal.ts';
import type { Logger } from '../telemetry/logger.ts';

/** The tenant for which a request acts. Every function of the store service requires a caller. */
export interface Caller {
  readonly tenantId: string;
  /** The principal, as records and the audit log name it ({@link actorOf}). */
  readonly actor: string;
}

/** Types of the variables that the middleware sets on the context of each request. */
export interface AppEnv {
  Variables: {
    /** The correlation id. Hono's request-id middleware defines the name. */
    requestId: string;
    /** Logger that adds the correlation id, the actor and the tenant to each line. */
    log: Logger;
    /** The sender of the request. Not set for public operations. */
    identity: Identity;
    /** Not set for public operations, and for principals without a tenant. */
    caller: Caller;
    /** Where the request comes from. `limitKey` stands for the address, or for the network of an IPv6 address, in limits. */
    client: { readonly address: string; readonly limitKey: string };
  };
}
