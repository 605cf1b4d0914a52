import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Registry } from 'prom-client';
import type { HelmRun } from '../../activities/adapters/helm-cli.ts';
import type { OperationObserver } from '../../domain/ports/operation-observer.ts';
import type { MetricsPage } from '../../telemetry/metrics/metrics-server.ts';
import { addPoolMetrics, type ObservedPool } from '../../telemetry/metrics/pool-metrics.ts';
import { addProcessMetrics } from '../../telemetry/metrics/process-metrics.ts';
import { createRegistry } from '../../telemetry/metrics/registry.ts';
import { addActivityMetrics } from './activity-metrics.ts';
import { addDeliveryMetrics } from './delivery-metrics.ts';
import { addHelmMetrics } from './helm-metrics.ts';
import { addOperationMetrics } from './operation-metrics.ts';

/** The metrics of a worker process. Each part goes to what it observes. */
export interface WorkerMetrics {
  readonly registry: Registry;
  readonly operations: OperationObserver;
  readonly activities: ActivityInterceptorsFactory;
  readonly onHelmRun: (run: HelmRun) => void;
  readonly countDeliveries: ReturnType<typeof addDeliveryMetrics>;
  addPool(pool: ObservedPool): void;
  readonly page: MetricsPage;
}

/** @param readTemporal Returns the metrics of the Temporal SDK. Without an answer, the page has the other metrics. */
export function createWorkerMetrics(options: {
  readonly build: string | undefined;
  readonly readTemporal: () => Promise<string>;
  readonly onError: (error: unknown) => void;
}): WorkerMetrics {
  const registry = createRegistry({ service: 'worker', build: options.build });
  addProcessMetrics(registry);

  async function page(): Promise<string> {
    const temporal = options.readTemporal().catch((error: unknown) => {
      options.onError(error);
      return '';
    });
    return (await registry.metrics()) + (await temporal);
  }

  return {
    registry,
    operations: addOperationMetrics(registry),
    activities: addActivityMetrics(registry),
    onHelmRun: addHelmMetrics(registry),
    countDeliveries: addDeliveryMetrics(registry),
    addPool: (pool) => addPoolMetrics(registry, pool),
    page,
  };
}
