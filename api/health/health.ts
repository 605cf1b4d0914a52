/** Sends a request to one service that the API needs. Rejects if the service does not answer. */
export type HealthCheck = () => Promise<unknown>;

export interface HealthReport {
  readonly healthy: boolean;
  /** `up` or `down` for each check. */
  readonly checks: Readonly<Record<string, 'up' | 'down'>>;
}

export interface Health {
  /** Runs all checks in parallel, each with a timeout. */
  check(): Promise<HealthReport>;
  isShuttingDown(): boolean;
  /** Makes the API report that it is not ready. */
  beginShutdown(): void;
}

/** Timeout of a check. Most clients of health endpoints do not wait longer. */
const CHECK_TIMEOUT_MS = 2_500;

export function createHealth(
  checks: Readonly<Record<string, HealthCheck>>,
  timeoutMs: number = CHECK_TIMEOUT_MS,
): Health {
  let shuttingDown = false;

  async function check(): Promise<HealthReport> {
    const results = await Promise.all(
      Object.entries(checks).map(
        async ([name, runCheck]) => [name, (await answers(runCheck, timeoutMs)) ? 'up' : 'down'] as const,
      ),
    );
    return { healthy: results.every(([, state]) => state === 'up'), checks: Object.fromEntries(results) };
  }

  return {
    check,
    isShuttingDown: () => shuttingDown,
    beginShutdown: () => {
      shuttingDown = true;
    },
  };
}

async function answers(runCheck: HealthCheck, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  try {
    return await Promise.race([runCheck().then(() => true), timedOut]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
