/** The place of a span in its trace, as the headers `traceparent` and `tracestate` of W3C Trace Context carry it. */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** Key of the trace context in the headers of Temporal's messages. Temporal's own tracing interceptors use the same. */
export const TRACE_HEADER = '_tracer-data';

/** Version, trace id, span id, flags. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Returns the content of a header as a trace context. Undefined: it is none. */
export function traceContextFrom(value: unknown): TraceContext | undefined {
  const { traceparent, tracestate } = (value ?? {}) as {
    readonly traceparent?: unknown;
    readonly tracestate?: unknown;
  };
  if (typeof traceparent !== 'string' || !TRACEPARENT.test(traceparent)) return undefined;
  return typeof tracestate === 'string' ? { traceparent, tracestate } : { traceparent };
}

/**
 * Returns the place of a workflow run's own span, below the span of its caller. The id of the span follows from the id of the
 * run: a replay and every worker come to the same one, without a random number.
 */
export function contextOfRun(caller: TraceContext, runId: string): TraceContext {
  const spanId = runId.replaceAll('-', '').slice(-16);
  return { ...caller, traceparent: caller.traceparent.replace(TRACEPARENT, `$1-$2-${spanId}-$4`) };
}

/** Returns the ids of a span, as log lines have them. */
export function traceIdsOf({ traceparent }: TraceContext): { readonly traceId: string; readonly spanId: string } {
  const [, , traceId = '', spanId = ''] = TRACEPARENT.exec(traceparent) ?? [];
  return { traceId, spanId };
}
