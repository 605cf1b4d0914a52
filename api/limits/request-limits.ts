import type { Pool } from 'pg';
import { memoryLimiter, sharedLimiter, type Limiter, type RequestCount } from './limiter.ts';

/** Requests per minute. 0: no limit. */
export interface RequestLimitSettings {
  /** All requests of an address, before they are authenticated. */
  readonly perAddress: number;
  /** Reads of a principal. */
  readonly readsPerPrincipal: number;
  /** Changes of a tenant, or of a principal without a tenant. Operators can set another limit for a tenant. */
  readonly changesPerTenant: number;
}

/** Counts requests, each by the limits that apply to it. `undefined`: there is no limit. */
export interface RequestLimits {
  ofAddress(addressKey: string): Promise<RequestCount | undefined>;
  ofReads(actor: string): Promise<RequestCount | undefined>;
  ofChanges(sender: { readonly actor: string; readonly tenantId: string | null }): Promise<RequestCount | undefined>;
}

/** How long a process uses the limit of a tenant without reading it again. */
const TENANT_LIMIT_MS = 30_000;
const MAX_REMEMBERED_TENANTS = 10_000;

/** Creates the limits of requests. Counts of changes are shared by all API processes, the others are per process. */
export function createRequestLimits({
  pool,
  settings,
  limitOfTenant,
  nowMs,
}: {
  readonly pool: Pool;
  readonly settings: RequestLimitSettings;
  /** Returns the limit that operators have set for a tenant, or null. */
  readonly limitOfTenant: (tenantId: string) => Promise<number | null>;
  readonly nowMs: () => number;
}): RequestLimits {
  const address = limiterOf(settings.perAddress, (limit) => memoryLimiter('address', limit));
  const reads = limiterOf(settings.readsPerPrincipal, (limit) => memoryLimiter('reads', limit));
  const changes = new Map<number, Limiter>();
  const remembered = new Map<string, { readonly limit: number; readonly untilMs: number }>();

  async function changeLimitOf(tenantId: string | null): Promise<number> {
    if (tenantId === null) return settings.changesPerTenant;
    const known = remembered.get(tenantId);
    if (known !== undefined && known.untilMs > nowMs()) return known.limit;
    // Without the database, the default applies: the request itself will fail if it needs the database.
    const own = await limitOfTenant(tenantId).catch(() => null);
    const limit = own ?? settings.changesPerTenant;
    if (remembered.size >= MAX_REMEMBERED_TENANTS) remembered.clear();
    remembered.set(tenantId, { limit, untilMs: nowMs() + TENANT_LIMIT_MS });
    return limit;
  }

  function changeLimiter(limit: number): Limiter {
    const limiter = changes.get(limit) ?? sharedLimiter(pool, 'changes', limit);
    changes.set(limit, limiter);
    return limiter;
  }

  return {
    ofAddress: async (addressKey) => address?.count(addressKey),
    ofReads: async (actor) => reads?.count(actor),
    ofChanges: async ({ actor, tenantId }) => {
      const limit = await changeLimitOf(tenantId);
      if (limit === 0) return undefined;
      return changeLimiter(limit).count(tenantId === null ? `actor ${actor}` : `tenant ${tenantId}`);
    },
  };
}

function limiterOf(limit: number, create: (limit: number) => Limiter): Limiter | undefined {
  return limit === 0 ? undefined : create(limit);
}
