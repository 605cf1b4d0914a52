import { z } from 'zod';

/** An attribute of OTLP. The value has one field, which is named for its type, such as `stringValue`. */
const Attributes = z.array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) })).default([]);

const OtlpSpan = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number().optional(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  attributes: Attributes,
  status: z.object({ code: z.number().optional(), message: z.string().optional() }).default({}),
});

/** The part of an OTLP request in JSON that Zipkin has a place for. */
export const OtlpTraces = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: Attributes }),
      scopeSpans: z.array(z.object({ spans: z.array(OtlpSpan) })),
    }),
  ),
});

/** A span of Zipkin's API, version 2. Times are in microseconds. */
export interface ZipkinSpan {
  readonly traceId: string;
  readonly id: string;
  readonly parentId?: string;
  readonly kind?: 'SERVER' | 'CLIENT';
  readonly name: string;
  readonly timestamp: number;
  readonly duration: number;
  readonly localEndpoint: { readonly serviceName: string };
  readonly tags: Readonly<Record<string, string>>;
}

/** Kinds of OTLP. Zipkin has no kind for work inside of a process. */
const KINDS: Readonly<Record<number, NonNullable<ZipkinSpan['kind']>>> = { 2: 'SERVER', 3: 'CLIENT' };
const STATUS_ERROR = 2;

/** Converts the spans of an OTLP request to those of Zipkin. */
export function toZipkin({ resourceSpans }: z.output<typeof OtlpTraces>): readonly ZipkinSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const serviceName = tagsOf(resource.attributes)['service.name'] ?? 'unknown';
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => spanToZipkin(span, serviceName)));
  });
}

function spanToZipkin(span: z.output<typeof OtlpSpan>, serviceName: string): ZipkinSpan {
  const kind = KINDS[span.kind ?? 0];
  const timestamp = microseconds(span.startTimeUnixNano);
  const tags = tagsOf(span.attributes);
  // Zipkin shows spans with this tag in red.
  const error = span.status.code === STATUS_ERROR ? { error: span.status.message || tags['error.type'] || 'true' } : {};
  return {
    traceId: span.traceId,
    id: span.spanId,
    ...(span.parentSpanId === undefined || span.parentSpanId === '' ? {} : { parentId: span.parentSpanId }),
    ...(kind === undefined ? {} : { kind }),
    name: span.name,
    timestamp,
    duration: Math.max(1, microseconds(span.endTimeUnixNano) - timestamp), // Zipkin takes 0 as unknown
    localEndpoint: { serviceName },
    tags: { ...tags, ...error },
  };
}

function tagsOf(attributes: z.output<typeof Attributes>): Readonly<Record<string, string>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, String(Object.values(value)[0])]));
}

function microseconds(nanoseconds: string): number {
  return Number(BigInt(nanoseconds) / 1_000n);
}
