import type { Registry } from 'prom-client';
import { createApiMetrics } from '../../api/metrics/api-metrics.ts';
import { TEMPORAL_METRICS } from '../../worker/metrics/temporal-metrics.ts';
import { createWorkerMetrics } from '../../worker/metrics/worker-metrics.ts';

/** A metric of a process. */
export interface Metric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly services: readonly ('api' | 'worker')[];
}

const NO_POOL = { totalCount: 0, idleCount: 0, waitingCount: 0, options: { max: 0 } };

function ignore(): void {
  // nothing is read, so nothing fails
}

/** Returns the registries of both processes, as they are before the first request. */
export function emptyRegistries(): { readonly api: Registry; readonly worker: Registry } {
  const api = createApiMetrics({
    pool: NO_POOL,
    slots: { inUse: () => 0 },
    fleet: { read: () => Promise.reject(new Error('there is no database')) },
    onError: ignore,
  });
  const worker = createWorkerMetrics({ build: undefined, readTemporal: async () => '', onError: ignore });
  worker.addPool(NO_POOL);
  return { api: api.registry, worker: worker.registry };
}

/** Lists the metrics of the platform and of Node, in the order of their names. */
export function listMetrics(): readonly Metric[] {
  const metrics = new Map<string, Metric>();
  for (const [service, registry] of Object.entries(emptyRegistries()) as ['api' | 'worker', Registry][]) {
    for (const { name, type, help, labelNames } of registry.getMetricsAsArray() as unknown as readonly Registered[]) {
      const services = [...(metrics.get(name)?.services ?? []), service];
      metrics.set(name, { name, type, help, labels: labelNames, services });
    }
  }
  return [...metrics.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The type of prom-client lacks the labels. */
interface Registered {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

/** Returns the names of all metrics that a query may use: those of the pages and those of recording rules. */
export function queryableNames(recorded: readonly string[]): ReadonlySet<string> {
  const names = listMetrics().flatMap(({ name, type }) => (type === 'histogram' ? withSuffixes(name) : [name]));
  const temporal = TEMPORAL_METRICS.flatMap((name) => (name.endsWith('_seconds') ? withSuffixes(name) : [name]));
  return new Set([...names, ...temporal, ...recorded]);
}

function withSuffixes(name: string): readonly string[] {
  return ['_bucket', '_sum', '_count'].map((suffix) => `${name}${suffix}`);
}
