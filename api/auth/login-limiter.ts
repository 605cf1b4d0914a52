import { RateLimiterMemory } from 'rate-limiter-flexible';
import { Problem } from '../problems/problem.ts';

const WINDOW_SECONDS = 15 * 60;
/** Many people can share an address, so it may fail more often than one account. */
const FAILURES_PER_ADDRESS = 30;
const FAILURES_PER_ACCOUNT = 10;

/** One attempt to log in. */
export interface LoginAttempt {
  /** Address of the client, or its network. */
  readonly address: string;
  /** Account that the client names. Undefined: the secret of a link names none. */
  readonly account?: string | undefined;
}

/** Limits attempts to log in with a wrong password or a wrong link. */
export interface LoginLimiter {
  /** Counts an attempt before its password is checked. @throws Problem LOGIN_THROTTLED */
  begin(attempt: LoginAttempt): Promise<void>;
  /** An attempt that succeeded does not count. */
  succeed(attempt: LoginAttempt): Promise<void>;
}

/** Creates a limiter in memory. Each API process has its own one. */
export function createLoginLimiter(): LoginLimiter {
  const addresses = new RateLimiterMemory({ points: FAILURES_PER_ADDRESS, duration: WINDOW_SECONDS });
  const accounts = new RateLimiterMemory({ points: FAILURES_PER_ACCOUNT, duration: WINDOW_SECONDS });
  return {
    // The address comes first: a client that is over its limit cannot fill the memory with accounts.
    begin: async ({ address, account }) => {
      await consume(addresses, address);
      if (account !== undefined) await consume(accounts, account.toLowerCase());
    },
    succeed: async ({ address, account }) => {
      await addresses.reward(address);
      if (account !== undefined) await accounts.delete(account.toLowerCase());
    },
  };
}

async function consume(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (rejection) {
    if (rejection instanceof Error) throw rejection;
    // The library rejects with the state of the limit, which is no Error.
    const { msBeforeNext } = rejection as { readonly msBeforeNext: number };
    throw new Problem(
      'LOGIN_THROTTLED',
      'Too many attempts to log in have failed. Try again after the time in `Retry-After`.',
      {
        headers: { 'Retry-After': String(Math.max(1, Math.ceil(msBeforeNext / 1_000))) },
      },
    );
  }
}
