import { Gauge, type Registry } from 'prom-client';
import type { FleetRecords } from '../../domain/ports/fleet-records.ts';
import type { MetricsPage } from '../../telemetry/metrics/metrics-server.ts';
import { addPoolMetrics, type ObservedPool } from '../../telemetry/metrics/pool-metrics.ts';
import { addProcessMetrics } from '../../telemetry/metrics/process-metrics.ts';
import { createRegistry, METRICS_PREFIX } from '../../telemetry/metrics/registry.ts';
import type { StreamSlots } from '../events/stream-slots.ts';
import { PROBLEM_CODES } from '../problems/catalogue.ts';
import { addFleetMetrics } from './fleet-metrics.ts';
import { addRequestMetrics, type RequestObserver } from './request-metrics.ts';

/** The metrics of an API process. */
export interface ApiMetrics {
  readonly registry: Registry;
  readonly requests: RequestObserver;
  readonly page: MetricsPage;
}

export function createApiMetrics(sources: {
  readonly pool: ObservedPool;
  readonly slots: Pick<StreamSlots, 'inUse'>;
  readonly fleet: FleetRecords;
  /** Receives the error of a report about all stores that could not be read. */
  readonly onError: (error: unknown) => void;
}): ApiMetrics {
  const registry = createRegistry({ service: 'api' });
  addProcessMetrics(registry);
  addPoolMetrics(registry, sources.pool);
  const requests = addRequestMetrics(registry, PROBLEM_CODES);
  const streams: Gauge = new Gauge({
    name: `${METRICS_PREFIX}event_streams`,
    help: 'Event streams and long polls that clients have open at this process.',
    registers: [registry],
    collect: () => streams.set(sources.slots.inUse()),
  });
  const refreshFleet = addFleetMetrics(registry, sources);

  async function page(): Promise<string> {
    await refreshFleet();
    return registry.metrics();
  }

  return { registry, requests, page };
}
