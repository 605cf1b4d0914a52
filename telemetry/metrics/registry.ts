import { Gauge, Registry } from 'prom-client';

/** Every metric of the platform begins with it. Metrics of Node and of the Temporal SDK keep their own names. */
export const METRICS_PREFIX = 'store_platform_';

/** Media type of a page in the text format of Prometheus. */
export const METRICS_CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/**
 * Creates a registry with one metric: what runs in the process.
 *
 * @param options.build Build id of a worker with a version. Default: the process has none.
 */
export function createRegistry({
  service,
  build = '',
}: {
  readonly service: 'api' | 'worker';
  readonly build?: string | undefined;
}): Registry {
  const registry = new Registry();
  const info = new Gauge({
    name: `${METRICS_PREFIX}build_info`,
    help: 'The service of the process, its build id and the version of Node. The value is always 1.',
    labelNames: ['service', 'build', 'node'],
    registers: [registry],
  });
  info.set({ service, build, node: process.version }, 1);
  return registry;
}
