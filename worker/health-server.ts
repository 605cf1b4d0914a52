import { createServer, type Server } from 'node:http';
import type { Worker } from '@temporalio/worker';
import { respondWithMetrics, type MetricsPage } from '../telemetry/metrics/metrics-server.ts';
import { type CheckOptions, type CheckResult, type HealthCheck, runChecks } from '../domain/health.ts';

/** Body of the response to `GET /healthz`. */
export interface WorkerHealth {
  readonly status: 'ok' | 'draining' | 'failed';
  readonly workers: readonly {
    readonly taskQueue: string;
    readonly state: string;
    /** Number of activities that may run at the same time. */
    readonly activitySlots: number;
    readonly activitiesRunning: number;
  }[];
}

/** Body of the response to `GET /readyz`. */
export interface WorkerReadiness extends Omit<WorkerHealth, 'status'> {
  /** `unreachable`: at least one service of `checks` is down. */
  readonly status: WorkerHealth['status'] | 'unreachable';
  readonly checks: Readonly<Record<string, CheckResult>>;
}

/** Returns the health of a worker process. The status is `ok` when every worker polls its task queue. */
export function healthOf(workers: readonly Pick<Worker, 'options' | 'getState' | 'getStatus'>[]): WorkerHealth {
  const reports = workers.map((worker) => ({
    taskQueue: worker.options.taskQueue,
    state: worker.getState(),
    activitySlots: activitySlotsOf(worker),
    activitiesRunning: worker.getStatus().numInFlightActivities,
  }));
  const states = reports.map(({ state }) => state);
  const status = states.every((state) => state === 'RUNNING')
    ? 'ok'
    : states.includes('FAILED')
      ? 'failed'
      : 'draining';
  return { status, workers: reports };
}

function activitySlotsOf({ options }: Pick<Worker, 'options'>): number {
  const supplier = options.tuner.activityTaskSlotSupplier;
  if (supplier.type === 'fixed-size') return supplier.numSlots;
  throw new Error(`the worker of ${options.taskQueue} has no fixed number of activity slots`);
}

/**
 * Serves `GET /healthz`, `GET /readyz` and `GET /metrics`. `/healthz` responds with 200 while every worker polls its task queue: a restart
 * helps against nothing else. `/readyz` also asks the services that the worker needs. Otherwise, both respond with 503.
 */
export async function serveHealth(options: {
  readonly host: string;
  readonly port: number;
  readonly health: () => WorkerHealth;
  /** The services that the worker needs, by name. */
  readonly checks: Readonly<Record<string, HealthCheck>>;
  readonly checkOptions?: CheckOptions;
  /** Default: `/metrics` responds with 404. */
  readonly metrics?: { readonly page: MetricsPage; readonly onError: (error: unknown) => void } | undefined;
}): Promise<Server> {
  async function ready(): Promise<WorkerReadiness> {
    const checks = await runChecks(options.checks, options.checkOptions);
    const health = options.health();
    const isReachable = Object.values(checks).every(({ status }) => status === 'up');
    return { ...health, status: isReachable || health.status !== 'ok' ? health.status : 'unreachable', checks };
  }
  const answers: Readonly<Record<string, () => Promise<WorkerHealth | WorkerReadiness>>> = {
    '/healthz': async () => options.health(),
    '/readyz': ready,
  };

  const server = createServer((request, response) => {
    if (request.url === '/metrics' && options.metrics !== undefined) {
      void respondWithMetrics(options.metrics.page, response, options.metrics.onError);
      return;
    }
    const answer = answers[request.url ?? ''];
    if (answer === undefined) {
      response.writeHead(404).end();
      return;
    }
    const respond = (body: WorkerHealth | WorkerReadiness): void => {
      response.writeHead(body.status === 'ok' ? 200 : 503, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    void answer().then(respond);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return server;
}
