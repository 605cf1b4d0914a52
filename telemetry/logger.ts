import { pino, type DestinationStream, type Logger } from 'pino';

/** Names under which secrets could slip into a log object; their values are replaced. */
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
 * The logger of a process. One JSON line an entry: `time` (RFC 3339), `level` (label), `service`, `msg`, then whatever the
 * entry carries; correlation and store ids are always named `correlationId`, `storeId`, `tenantId`, `workflowId`, `runId`.
 */
export function createLogger(options: {
  readonly service: 'api' | 'worker' | 'stack';
  readonly level: string;
  readonly destination?: DestinationStream;
}): Logger {
  return pino(
    {
      level: options.level,
      base: { service: options.service },
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
