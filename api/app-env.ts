import type { Logger } from '../telemetry/logger.ts';

/** On whose behalf a request acts. Every verb of the service takes one; nothing works without. */
export interface Caller {
  readonly tenantId: string;
}

/** What the middleware leaves on each request's context. */
export interface AppEnv {
  Variables: {
    /** The correlation id, under the name that Hono's request-id middleware gives it. */
    requestId: string;
    /** Adds the correlation id and the tenant to each line. */
    log: Logger;
    caller: Caller;
  };
}
