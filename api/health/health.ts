import { type CheckOptions, type CheckResult, type HealthCheck, runChecks } from '../../domain/health.ts';

export interface HealthChecks {
  /** Services without which the API can serve no request. */
  readonly required: Readonly<Record<string, HealthCheck>>;
  /** Services without which the API serves some requests. */
  readonly optional: Readonly<Record<string, HealthCheck>>;
}

export interface HealthReport {
  /** `degraded`: an optional service is down. `down`: a required one is. */
  readonly status: 'up' | 'degraded' | 'down';
  readonly checks: Readonly<Record<string, CheckResult>>;
}

export interface Health {
  /** Runs all checks in parallel, each with a timeout. */
  check(): Promise<HealthReport>;
  isShuttingDown(): boolean;
  /** Makes the API report that it is not ready. */
  beginShutdown(): void;
}

export function createHealth({ required, optional }: HealthChecks, options: CheckOptions = {}): Health {
  let shuttingDown = false;

  async function check(): Promise<HealthReport> {
    const checks = await runChecks({ ...required, ...optional }, options);
    const isDown = (name: string): boolean => checks[name]?.status === 'down';
    const status = Object.keys(required).some(isDown) ? 'down' : Object.keys(optional).some(isDown) ? 'degraded' : 'up';
    return { status, checks };
  }

  return {
    check,
    isShuttingDown: () => shuttingDown,
    beginShutdown: () => {
      shuttingDown = true;
    },
  };
}
