import { defaultPayloadConverter } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { TRACE_HEADER, traceContextFrom } from '../../domain/trace-context.ts';
import type { TraceIds, Tracing } from '../../telemetry/tracing/tracing.ts';
import { storeAttributes } from '../traces.ts';

/**
 * Returns an interceptor that records a span for each attempt of an activity whose run has a trace. Runs of schedules have
 * none: a pass over all stores would be one trace with a span for every call.
 */
export function traceActivities(tracing: Tracing): ActivityInterceptorsFactory {
  return ({ info }) => {
    let ids: TraceIds | undefined;
    return {
      inbound: {
        execute(input, next) {
          const header = input.headers[TRACE_HEADER];
          const parent = header && traceContextFrom(defaultPayloadConverter.fromPayload(header));
          if (parent === undefined) return next(input);
          const attributes = {
            temporalWorkflowId: info.workflowExecution?.workflowId,
            temporalRunId: info.workflowExecution?.runId,
            temporalActivityId: info.activityId,
            'temporal.attempt': info.attempt,
            ...storeAttributes(input.args[0]),
          };
          return tracing.inSpan({ name: `RunActivity:${info.activityType}`, parent, attributes }, (span) => {
            ids = span.ids;
            return next(input);
          });
        },
      },
      outbound: {
        // The SDK logs the end of an activity when its span is not active any more.
        getLogAttributes: (input, next) => ({ ...next(input), ...ids }),
      },
    };
  };
}
