import { pino, type DestinationStream, type Logger } from 'pino';

/** Keys of log objects that can hold a secret. The logger replaces their values. */
const SECRET_KEYS = [
  'password',
  'secret',
  'token',
  'authorization',
  'cookie',
  'databaseUrl',
  'DATABASE_URL',
  'DB_PASSWORD',
  'apiKey',
  'taskToken',
];

/**
 * Creates the logger of a process. Each entry is one line of JSON with `time` (RFC 3339), `level` (label), `service`, `msg` and
 * the fields of the entry. Ids always have the names `correlationId`, `storeId`, `tenantId`, `workflowId` and `runId`, and those
 * of the active span, if there is one, `traceId` and `spanId`.
 */
export function createLogger(options: {
  readonly service: 'api' | 'worker' | 'migrate' | 'promote' | 'stack';
  readonly level: string;
  /** Returns the ids of the active span. Default: the process records no spans. */
  readonly traceFields?: (() => object) | undefined;
  readonly destination?: DestinationStream;
}): Logger {
  return pino(
    {
      level: options.level,
      base: { service: options.service },
      ...(options.traceFields === undefined ? {} : { mixin: options.traceFields }),
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: [...SECRET_KEYS, ...SECRET_KEYS.map((key) => `*.${key}`), 'req.headers.authorization'],
        censor: '[redacted]',
      },
    },
    options.destination ?? pino.destination({ dest: 1, sync: false }),
  );
}

export type { Logger } from 'pino';
