import { createServer, type Server } from 'node:http';
import type { Worker } from '@temporalio/worker';

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

/** Serves `GET /healthz` on loopback: 200 while every worker polls its task queue, 503 otherwise. */
export async function serveHealth(port: number, health: () => WorkerHealth): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url !== '/healthz') {
      response.writeHead(404).end();
      return;
    }
    const body = health();
    response.writeHead(body.status === 'ok' ? 200 : 503, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}
