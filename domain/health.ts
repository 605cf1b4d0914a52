import { StoreError } from './failure.ts';

/** Sends a request to a service. Rejects if the service does not answer. */
export type HealthCheck = () => Promise<unknown>;

/** The result of one check. */
export type CheckResult = { readonly status: 'up' } | { readonly status: 'down'; readonly reason: string };

/** Time limit of a check. Most clients of health endpoints do not wait longer. */
const CHECK_TIMEOUT_MS = 2_500;
const MAX_REASON_LENGTH = 300;

export interface CheckOptions {
  /** Time limit of one check in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** Receives errors that are no expected failures. Their text may contain addresses and credentials. */
  readonly onUnexpected?: ((check: string, error: unknown) => void) | undefined;
}

/** Runs all checks in parallel, each with a time limit. Never rejects. */
export async function runChecks(
  checks: Readonly<Record<string, HealthCheck>>,
  { timeoutMs = CHECK_TIMEOUT_MS, onUnexpected }: CheckOptions = {},
): Promise<Readonly<Record<string, CheckResult>>> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const report = (error: unknown): void => onUnexpected?.(name, error);
      return [name, await resultOf(check, timeoutMs, report)] as const;
    }),
  );
  return Object.fromEntries(results);
}

async function resultOf(
  check: HealthCheck,
  timeoutMs: number,
  onUnexpected: (error: unknown) => void,
): Promise<CheckResult> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timedOut = new Promise<CheckResult>((resolve) => {
    timer = setTimeout(() => resolve({ status: 'down', reason: `no answer within ${timeoutMs} ms` }), timeoutMs);
  });
  const answered = async (): Promise<CheckResult> => {
    await check();
    return { status: 'up' };
  };
  try {
    return await Promise.race([answered(), timedOut]);
  } catch (error) {
    if (error instanceof StoreError) return { status: 'down', reason: error.publicMessage.slice(0, MAX_REASON_LENGTH) };
    onUnexpected(error);
    return { status: 'down', reason: 'the check failed; the log has the reason' };
  } finally {
    clearTimeout(timer);
  }
}
