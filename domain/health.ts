import { StoreError } from './failure.ts';

/** Sends a request to a service. Rejects if the service does not answer. */
export type HealthCheck = () => Promise<unknown>;

/** The result of one check. */
export type CheckResult = { readonly status: 'up' } | { readonly status: 'down'; readonly reason: string };

/** Time limit of a check. Most clients of health endpoints do not wait longer. */
const CHECK_TIMEOUT_MS = 2_500;
const MAX_REASON_LENGTH = 300;

/** Runs all checks in parallel, each with a time limit. Never rejects. */
export async function runChecks(
  checks: Readonly<Record<string, HealthCheck>>,
  timeoutMs: number = CHECK_TIMEOUT_MS,
): Promise<Readonly<Record<string, CheckResult>>> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await resultOf(check, timeoutMs)] as const),
  );
  return Object.fromEntries(results);
}

async function resultOf(check: HealthCheck, timeoutMs: number): Promise<CheckResult> {
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
    return { status: 'down', reason: reasonOf(error) };
  } finally {
    clearTimeout(timer);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof StoreError) return error.publicMessage.slice(0, MAX_REASON_LENGTH);
  // Other errors may contain addresses and credentials.
  return 'the check failed; the log has the reason';
}
