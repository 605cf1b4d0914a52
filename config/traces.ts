import { z } from 'zod';
import { headerList, optionalText } from './schemas.ts';

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

const PROTOCOLS = ['http/protobuf', 'http/json'] as const;

function endpoint() {
  return optionalText().refine((value) => value === undefined || (/^https?:\/\//.test(value) && URL.canParse(value)), {
    error: 'must be an HTTP URL such as http://127.0.0.1:4318',
  });
}

/** Settings of traces. Names and meanings are those of OpenTelemetry, whose SDK reads further `OTEL_` settings itself. */
export const traceSettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint().describe(
    'Base URL of an OpenTelemetry collector that receives OTLP over HTTP, such as `http://127.0.0.1:4318`. API and worker send traces to `/v1/traces` below it. Without it, tracing is off',
  ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint().describe(
    'Whole URL for traces. It overrides OTEL_EXPORTER_OTLP_ENDPOINT',
  ),
  OTEL_EXPORTER_OTLP_PROTOCOL: z
    .preprocess(
      (value) => value || 'http/protobuf',
      z.enum(PROTOCOLS, `must be ${PROTOCOLS.join(' or ')}: gRPC is not supported`),
    )
    .describe('Encoding of traces: `http/protobuf` or `http/json`'),
  OTEL_EXPORTER_OTLP_HEADERS: headerList().describe(
    'Headers of the requests to the collector, such as `api-key=secret` or `Authorization=Bearer%20secret`. Separate them by commas',
  ),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: headerList().describe(
    'Further headers of the requests with traces. They override headers of the same name in OTEL_EXPORTER_OTLP_HEADERS',
  ),
  OTEL_TRACES_SAMPLER: z
    .preprocess((value) => value || 'parentbased_always_on', z.enum(SAMPLERS, `must be one of ${SAMPLERS.join(', ')}`))
    .describe(
      'Which traces are recorded. A sampler `parentbased_…` follows the decision in the `traceparent` of a request, and decides itself without one',
    ),
  OTEL_TRACES_SAMPLER_ARG: z
    .preprocess(
      (value) => (value === '' || value === undefined ? 1 : value),
      z.coerce
        .number('must be a number from 0 to 1')
        .min(0, 'must be a number from 0 to 1')
        .max(1, 'must be a number from 0 to 1'),
    )
    .describe('Share of the traces that the samplers `…traceidratio` record, from 0 to 1'),
  OTEL_SERVICE_NAME: optionalText().describe(
    'Name of the process in traces. Default: `store-platform-api` and `store-platform-worker`',
  ),
} as const;

interface TraceSettings {
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_PROTOCOL: (typeof PROTOCOLS)[number];
  readonly OTEL_TRACES_SAMPLER: (typeof SAMPLERS)[number];
  readonly OTEL_TRACES_SAMPLER_ARG: number;
  readonly OTEL_SERVICE_NAME?: string | undefined;
}

/** Returns the settings of the tracing of a process. Its `url` is undefined when tracing is off. */
export function tracingFrom(env: TraceSettings, defaultServiceName: string) {
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/+$/, '');
  return {
    url: env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? (base && `${base}/v1/traces`),
    protocol: env.OTEL_EXPORTER_OTLP_PROTOCOL,
    serviceName: env.OTEL_SERVICE_NAME ?? defaultServiceName,
    sampler: env.OTEL_TRACES_SAMPLER,
    samplerRatio: env.OTEL_TRACES_SAMPLER_ARG,
  };
}
