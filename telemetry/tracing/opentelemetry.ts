import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import {
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span as OtelSpan,
} from '@opentelemetry/api';
import { setGlobalErrorHandler, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  RandomIdGenerator,
  TraceIdRatioBasedSampler,
  type IdGenerator,
  type Sampler,
} from '@opentelemetry/sdk-trace-base';
import { errorType, isCancellation, publicMessageOf } from './span-errors.ts';
import type { RunSpan, Span, SpanAttributes, SpanStart, TraceHeaders, Tracing, TracingSettings } from './tracing.ts';

/** Time to send the last spans when the process ends. Its database and connections need the rest of their time limit. */
const SHUTDOWN_MS = 3_000;
/** A collector that is away fails every batch. */
const REPORT_EVERY_MS = 60_000;
const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const;

const SAMPLERS: Readonly<Record<TracingSettings['sampler'], (ratio: number) => Sampler>> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (ratio) => new TraceIdRatioBasedSampler(ratio),
  parentbased_always_on: () => new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
  parentbased_traceidratio: (ratio) => new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
};

/**
 * Starts the tracing of this process with the SDK of OpenTelemetry, which also reads its own settings from the environment, such
 * as `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_EXPORTER_OTLP_HEADERS` and `OTEL_BSP_SCHEDULE_DELAY`.
 *
 * No global provider is registered: only the platform's own code records spans, and what they hold is decided there.
 */
export function startTracing(
  settings: TracingSettings & { readonly url: string },
  { onError }: { readonly onError: (error: unknown) => void },
): Tracing {
  reportErrors(onError);
  const ids = new SpanIds();
  const Exporter = settings.protocol === 'http/json' ? JsonExporter : ProtobufExporter;
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(detectResources({ detectors: [envDetector] }))
      .merge(resourceFromAttributes({ 'service.name': settings.serviceName, 'service.instance.id': randomUUID() })),
    sampler: SAMPLERS[settings.sampler](settings.samplerRatio),
    idGenerator: ids,
    spanProcessors: [new BatchSpanProcessor(new Exporter({ url: settings.url }))],
  });
  const tracer = provider.getTracer('store-platform');
  const propagator = new W3CTraceContextPropagator();
  const active = new AsyncLocalStorage<Context>();

  const contextIn = (headers: TraceHeaders): Context => propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
  const activeContext = (): Context => active.getStore() ?? ROOT_CONTEXT;

  async function inSpan<T>(
    { name, kind = 'internal', attributes = {}, parent }: SpanStart,
    work: (span: Span) => Promise<T>,
    { isExpected = () => false }: { readonly isExpected?: (error: unknown) => boolean } = {},
  ): Promise<T> {
    const outer = parent === undefined ? activeContext() : contextIn(parent);
    const span = tracer.startSpan(name, { kind: KINDS[kind], attributes: definedIn(attributes) }, outer);
    const context = trace.setSpan(outer, span);
    try {
      return await active.run(context, () => work(handleOf(span, context, propagator)));
    } catch (error) {
      if (!isExpected(error)) recordError(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  function recordRun({ name, parent, spanId, startMs, endMs, attributes, failure }: RunSpan): void {
    ids.next = spanId;
    const options = { kind: SpanKind.SERVER, startTime: startMs, attributes: definedIn(attributes) };
    const span = tracer.startSpan(name, options, contextIn(parent));
    if (failure !== undefined) fail(span, failure.type, failure.message);
    span.end(Math.max(startMs, endMs));
  }

  return {
    inSpan,
    traceCall: (start, work) => (trace.getSpan(activeContext()) === undefined ? work(undefined) : inSpan(start, work)),
    logFields() {
      const span = trace.getSpanContext(activeContext());
      return span === undefined ? {} : { traceId: span.traceId, spanId: span.spanId };
    },
    recordRun,
    async shutDown() {
      const timeout = new Promise<void>((resolve) => {
        setTimeout(resolve, SHUTDOWN_MS).unref();
      });
      await Promise.race([provider.shutdown().catch(onError), timeout]);
    },
  };
}

/** Random ids, except that the span of a workflow run gets the id that its activities already name as their parent. */
class SpanIds implements IdGenerator {
  next: string | undefined;
  readonly #random = new RandomIdGenerator();

  generateTraceId(): string {
    return this.#random.generateTraceId();
  }

  generateSpanId(): string {
    const id = this.next ?? this.#random.generateSpanId();
    this.next = undefined;
    return id;
  }
}

function handleOf(span: OtelSpan, context: Context, propagator: W3CTraceContextPropagator): Span {
  const { traceId, spanId } = span.spanContext();
  const headers: { traceparent: string; tracestate?: string } = { traceparent: '' };
  propagator.inject(context, headers, defaultTextMapSetter);
  return {
    headers,
    ids: { traceId, spanId },
    rename: (name) => void span.updateName(name),
    set: (attributes) => void span.setAttributes(definedIn(attributes)),
    fail: (type, message) => fail(span, type, message),
  };
}

/** Records the code of an error, and its message only if the platform wrote it for callers: others can hold anything. */
function recordError(span: OtelSpan, error: unknown): void {
  if (isCancellation(error)) span.setAttribute('store_platform.cancelled', true);
  else fail(span, errorType(error), publicMessageOf(error));
}

function fail(span: OtelSpan, type: string, message: string | undefined): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR, ...(message === undefined ? {} : { message }) });
}

function definedIn(attributes: SpanAttributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}

function reportErrors(onError: (error: unknown) => void): void {
  let reportedMs = -Infinity;
  setGlobalErrorHandler((error) => {
    if (performance.now() - reportedMs < REPORT_EVERY_MS) return;
    reportedMs = performance.now();
    onError(error);
  });
}
