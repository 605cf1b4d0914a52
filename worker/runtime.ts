import { Runtime, type LogLevel, type Logger as TemporalLogger } from '@temporalio/worker';
import type { Logger } from '../telemetry/logger.ts';

/** Temporal's levels under pino's names. */
const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const satisfies Record<
  LogLevel,
  string
>;

/** Lets the Temporal SDK write through our logger, so that all lines of a process have one shape. */
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

/** Installs the SDK's runtime for this process. Must come before the first native connection. */
export function installRuntime(logger: Logger): void {
  Runtime.install({
    logger: temporalLogger(logger),
    shutdownSignals: [], // the composition root owns the signals: it has more to close than workers
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
  });
}
