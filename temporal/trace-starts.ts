import { WorkflowExecutionAlreadyStartedError, type WorkflowClientInterceptor } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { TRACE_HEADER } from '../domain/trace-context.ts';
import type { Tracing } from '../telemetry/tracing/tracing.ts';

/** Returns the interceptors of a Temporal client. Without tracing, there are none. */
export function clientInterceptors(tracing: Tracing | undefined): {
  readonly workflow: WorkflowClientInterceptor[];
} {
  return { workflow: tracing === undefined ? [] : [traceStarts(tracing)] };
}

/**
 * Returns an interceptor that records starts, signals and cancels of runs. A started run continues the trace of the caller, or
 * begins one.
 */
function traceStarts(tracing: Tracing): WorkflowClientInterceptor {
  return {
    startWithDetails: (input, next) =>
      tracing.inSpan(
        {
          name: `StartWorkflow:${input.workflowType}`,
          kind: 'client',
          attributes: { temporalWorkflowId: input.options.workflowId },
        },
        ({ headers }) =>
          next({
            ...input,
            headers: { ...input.headers, [TRACE_HEADER]: defaultPayloadConverter.toPayload(headers) },
          }),
        // Another request, or another attempt of the same one, has started the run.
        { isExpected: (error) => error instanceof WorkflowExecutionAlreadyStartedError },
      ),
    signal: (input, next) =>
      tracing.traceCall(
        {
          name: `SignalWorkflow:${input.signalName}`,
          kind: 'client',
          attributes: { temporalWorkflowId: input.workflowExecution.workflowId },
        },
        () => next(input),
      ),
    cancel: (input, next) =>
      tracing.traceCall(
        {
          name: 'CancelWorkflow',
          kind: 'client',
          attributes: { temporalWorkflowId: input.workflowExecution.workflowId },
        },
        () => next(input),
      ),
  };
}
