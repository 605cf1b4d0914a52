/** The headers of W3C Trace Context, `traceparent` and `tracestate`. */
export interface TraceHeaders {
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
}

/** Values of a span. They are visible to everyone who reads traces: never a secret, a body or a query string. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SpanStart {
  /** Without ids, so that spans of one kind have one name. */
  readonly name: string;
  /** `server` and `client` are the two sides of a call between processes. Default: `internal`. */
  readonly kind?: 'server' | 'client' | 'internal';
  readonly attributes?: SpanAttributes;
  /** The place of the parent in another process. Default: the active span. */
  readonly parent?: TraceHeaders;
}

/** A span that has started. */
export interface Span {
  /** The headers with which another process continues the trace. */
  readonly headers: { readonly traceparent: string; readonly tracestate?: string };
  readonly ids: TraceIds;
  rename(name: string): void;
  set(attributes: SpanAttributes): void;
  /** Marks the span as failed. `type` is a failure code, an HTTP status or the name of an error. */
  fail(type: string, message?: string): void;
}

/** Fields of log lines. */
export interface TraceIds {
  readonly traceId: string;
  readonly spanId: string;
}

/** A workflow run that has ended. Workflow code cannot record its own span. */
export interface RunSpan {
  readonly name: string;
  readonly parent: TraceHeaders;
  readonly spanId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: SpanAttributes;
  readonly failure?: { readonly type: string; readonly message?: string } | undefined;
}

/** Runs `work` in a span below the active one. Without an active span, it runs `work` alone, with an undefined span. */
export type TraceCall = <T>(
  start: Omit<SpanStart, 'parent'>,
  work: (span: Span | undefined) => Promise<T>,
) => Promise<T>;

/** The `TraceCall` of a process without tracing. */
export const untraced: TraceCall = (_start, work) => work(undefined);

/** Records what a process does for a request. There is none unless an endpoint is set. */
export interface Tracing {
  /**
   * Runs `work` in a span, which is active in everything that `work` calls and awaits. An error fails the span and is thrown,
   * unless `isExpected` says that it is no failure.
   */
  inSpan<T>(
    start: SpanStart,
    work: (span: Span) => Promise<T>,
    options?: { readonly isExpected?: (error: unknown) => boolean },
  ): Promise<T>;
  readonly traceCall: TraceCall;
  /** Returns the ids of the active span. Empty: there is none. */
  readonly logFields: () => Partial<TraceIds>;
  recordRun(run: RunSpan): void;
  /** Sends the spans that have ended, and ends the tracing. It takes at most some seconds. */
  shutDown(): Promise<void>;
}

export interface TracingSettings {
  /** Where spans go, such as `http://127.0.0.1:4318/v1/traces`. Undefined: tracing is off. */
  readonly url: string | undefined;
  readonly protocol: 'http/protobuf' | 'http/json';
  readonly serviceName: string;
  readonly sampler:
    | 'always_on'
    | 'always_off'
    | 'traceidratio'
    | 'parentbased_always_on'
    | 'parentbased_always_off'
    | 'parentbased_traceidratio';
  /** Share of the traces that the samplers with a ratio record, from 0 to 1. */
  readonly samplerRatio: number;
}

/**
 * Starts the tracing of this process. Returns undefined when it is off: then OpenTelemetry is not even loaded.
 *
 * @param options.onError Receives the reasons why spans could not be sent, at most one a minute. Must not throw.
 */
export async function openTracing(
  settings: TracingSettings,
  options: { readonly onError: (error: unknown) => void },
): Promise<Tracing | undefined> {
  const { url } = settings;
  if (url === undefined) return undefined;
  const { startTracing } = await import('./opentelemetry.ts');
  return startTracing({ ...settings, url }, options);
}
