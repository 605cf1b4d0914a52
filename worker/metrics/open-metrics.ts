import { createServer, type AddressInfo } from 'node:net';
import type { Config } from '../../config/index.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { installRuntime } from '../runtime.ts';
import { readTemporalMetrics } from './temporal-metrics.ts';
import { createWorkerMetrics, type WorkerMetrics } from './worker-metrics.ts';

/**
 * Installs the runtime of the SDK for this process, and returns the metrics of the process. Undefined: METRICS is `off`. Call it
 * before the first native connection.
 */
export async function openMetrics(
  { METRICS: metrics, deployment }: Pick<Config, 'METRICS' | 'deployment'>,
  log: Logger,
): Promise<WorkerMetrics | undefined> {
  if (metrics === 'off') {
    installRuntime(log);
    return undefined;
  }
  const address = await freeLoopbackAddress();
  installRuntime(log, { metricsAddress: address });
  return createWorkerMetrics({
    build: deployment?.buildId,
    readTemporal: readTemporalMetrics(address),
    onError: (error) => log.warn({ err: error }, 'the metrics of the Temporal SDK could not be read'),
  });
}

/** Returns an address for the page of the SDK, which only this process reads. The SDK cannot choose a free port itself. */
async function freeLoopbackAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo; // a TCP server has this type of address
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  return `127.0.0.1:${port}`;
}
