import { Runtime, type LogLevel, type Logger as TemporalLogger } from '@temporalio/worker';
import type { Logger } from '../telemetry/logger.ts';
import { TEMPORAL_BUCKETS } from './metrics/temporal-metrics.ts';

/** The pino level for each log level of the Temporal SDK. */
const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const satisfies Record<
  LogLevel,
  string
>;

/** Returns a logger for the Temporal SDK that writes to `logger`, so that all log lines of a process have the same format. */
export function temporalLogger(logger: Logger): TemporalLogger {
  function log(level: LogLevel, message: string, meta: object = {}): void {
    const { error, ...rest } = meta as { readonly error?: unknown };
    // pino serialises errors, with their causes, under `err`.
    logger[LEVELS[level]](error === undefined ? rest : { ...rest, err: error }, message);
  }
  return {
    log,
    trace: (message, meta) => log('TRACE', message, meta),
    debug: (message, meta) => log('DEBUG', message, meta),
    info: (message, meta) => log('INFO', message, meta),
    warn: (message, meta) => log('WARN', message, meta),
    error: (message, meta) => log('ERROR', message, meta),
  };
}

/**
 * Installs the runtime of the SDK for this process. Call it before the first native connection.
 *
 * @param options.metricsAddress Address, such as `127.0.0.1:9464`, on which the SDK serves its metrics. Default: it has none.
 */
export function installRuntime(
  logger: Logger,
  { metricsAddress }: { readonly metricsAddress?: string | undefined } = {},
): void {
  Runtime.install({
    logger: temporalLogger(logger),
    shutdownSignals: [], // `main.ts` handles the signals, because it also closes the connections
    telemetryOptions: {
      logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
      ...(metricsAddress === undefined ? {} : { metrics: metricsAt(metricsAddress) }),
    },
  });
}

function metricsAt(bindAddress: string) {
  return {
    attachServiceName: false,
    prometheus: {
      bindAddress,
      countersTotalSuffix: true,
      unitSuffix: true,
      useSecondsForDurations: true,
      histogramBucketOverrides: { ...TEMPORAL_BUCKETS },
    },
  };
}
