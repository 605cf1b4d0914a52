import type { Pool } from 'pg';
import {
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRes,
  type RateLimiterAbstract,
} from 'rate-limiter-flexible';

/** Length of the period of every limit. */
export const PERIOD_SECONDS = 60;
/** The table of the counts that all API processes share. A migration creates it. */
const TABLE = 'request_counts';

/** Requests of one sender in the period. */
export interface RequestCount {
  readonly limit: number;
  /** Requests in the period, with this one. */
  readonly used: number;
  /** Seconds until the period ends. */
  readonly resetSeconds: number;
  readonly isExceeded: boolean;
}

/** Counts requests. */
export interface Limiter {
  /** Counts one request of a sender. Never fails: without a database, each process counts for itself. */
  count(key: string): Promise<RequestCount>;
}

/** Returns a limiter that counts in the memory of this process. */
export function memoryLimiter(name: string, limit: number): Limiter {
  return limiterOn(new RateLimiterMemory({ keyPrefix: name, points: limit, duration: PERIOD_SECONDS }), limit);
}

/**
 * Returns a limiter that counts for all API processes in Postgres. While Postgres does not answer, each process counts for
 * itself.
 */
export function sharedLimiter(pool: Pool, name: string, limit: number): Limiter {
  const settings = { keyPrefix: name, points: limit, duration: PERIOD_SECONDS };
  const shared = new RateLimiterPostgres({
    ...settings,
    storeClient: pool,
    tableName: TABLE,
    tableCreated: true,
    // A sender over the limit costs no query until its period ends.
    inMemoryBlockOnConsumed: limit + 1,
    insuranceLimiter: new RateLimiterMemory(settings),
  });
  return limiterOn(shared, limit);
}

function limiterOn(limiter: RateLimiterAbstract, limit: number): Limiter {
  async function consume(key: string): Promise<{ readonly isExceeded: boolean; readonly counted: RateLimiterRes }> {
    try {
      return { isExceeded: false, counted: await limiter.consume(key) };
    } catch (error) {
      // The library rejects with the count of a sender that is over the limit.
      if (error instanceof RateLimiterRes) return { isExceeded: true, counted: error };
      throw error;
    }
  }

  async function count(key: string): Promise<RequestCount> {
    const { isExceeded, counted } = await consume(key);
    // A sender that is blocked in memory is not counted any more: the library reports 0 requests.
    const used = isExceeded ? Math.max(counted.consumedPoints, limit + 1) : counted.consumedPoints;
    return { limit, used, resetSeconds: Math.max(1, Math.ceil(counted.msBeforeNext / 1_000)), isExceeded };
  }

  return { count };
}
