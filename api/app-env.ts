import type { Identity } from '../domain/access/principal.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { ReadAhead } from './auth/read-ahead.ts';

/** The tenant for which a request acts. Every function of the store service requires a caller. */
export interface Caller {
  readonly tenantId: string;
  /** The principal, as records and the audit log name it ({@link actorOf}). */
  readonly actor: string;
}

/** The operation of a request, as the OpenAPI document names it. */
export interface Operation {
  /** The `operationId`. */
  readonly id: string;
  /** The path with parameters, such as `/api/stores/:id`. */
  readonly path: string;
}

/** Types of the variables that the middleware sets on the context of each request. */
export interface AppEnv {
  Variables: {
    /** The correlation id. Hono's request-id middleware defines the name. */
    requestId: string;
    /** Logger that adds the correlation id, the actor and the tenant to each line. */
    log: Logger;
    /** Not set for a path without an operation. */
    operation?: Operation;
    /** The sender of the request. Not set for public operations. */
    identity: Identity;
    /** Code of the problem in the response. Not set for other responses. */
    problem?: string;
    /** Whether the handler has written the entry of the audit log, in the transaction of the change. */
    isAudited?: boolean;
    /** The resource that the request has created, such as `token/<id>`, if the response has no header `Location`. */
    created?: string;
    /** Not set for public operations, and for principals without a tenant. */
    caller: Caller;
    /** The store that was read together with the credential. Not set for other operations. */
    ahead?: ReadAhead | undefined;
    /** Where the request comes from. `limitKey` stands for the address, or for the network of an IPv6 address, in limits. */
    client: { readonly address: string; readonly limitKey: string };
  };
}
