/** Asks one thing that the API needs for an answer; rejects when there is none. */
export type HealthCheck = () => Promise<unknown>;

export interface HealthReport {
  readonly healthy: boolean;
  /** `up` or `down` for each check. */
  readonly checks: Readonly<Record<string, 'up' | 'down'>>;
}

export interface Health {
  /** Runs all checks at once, each within its bound. */
  check(): Promise<HealthReport>;
  isShuttingDown(): boolean;
  /** From now on the API reports that it is not ready. */
  beginShutdown(): void;
}

/** A probe that waits longer than this is given up by most of those who send it. */
const CHECK_TIMEOUT_MS = 2_500;

export function createHealth(
  checks: Readonly<Record<string, HealthCheck>>,
  timeoutMs: number = CHECK_TIMEOUT_MS,
): Health {
  let shuttingDown = false;

  async function check(): Promise<HealthReport> {
    const results = await Promise.all(
      Object.entries(checks).map(
        async ([name, ask]) => [name, (await answers(ask, timeoutMs)) ? 'up' : 'down'] as const,
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

async function answers(ask: HealthCheck, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  try {
    return await Promise.race([ask().then(() => true), timedOut]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
