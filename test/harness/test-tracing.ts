import { openTracing, type Tracing, type TracingSettings } from '../../telemetry/tracing/tracing.ts';
import { startOtlpReceiver, type OtlpReceiver } from './otlp-receiver.ts';

/** The trace of a caller in another process. */
export const CALLER_TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
export const CALLER_SPAN_ID = '00f067aa0ba902b7';
export const CALLER = { traceparent: `00-${CALLER_TRACE_ID}-${CALLER_SPAN_ID}-01` } as const;

export interface TestTracing extends Tracing {
  readonly receiver: OtlpReceiver;
  /** Ends the tracing and returns all spans that it has recorded. */
  recorded(): Promise<OtlpReceiver['spans']>;
}

/** Starts the tracing of the test's process, with a collector on loopback. */
export async function startTestTracing(settings: Partial<TracingSettings> = {}): Promise<TestTracing> {
  const receiver = await startOtlpReceiver();
  const tracing = await openTracing(
    {
      url: `${receiver.url}/v1/traces`,
      protocol: 'http/json',
      serviceName: 'test',
      sampler: 'parentbased_always_on',
      samplerRatio: 1,
      ...settings,
    },
    { onError: (error) => process.stderr.write(`the spans of the test could not be sent: ${String(error)}\n`) },
  );
  if (tracing === undefined) throw new Error('tracing is off');
  return {
    ...tracing,
    receiver,
    async recorded() {
      await tracing.shutDown();
      return receiver.spans;
    },
  };
}
