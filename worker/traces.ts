import type { InjectedSinks } from '@temporalio/worker';
import type { ActivityInput } from '../domain/operations/inputs.ts';
import { contextOfRun, traceIdsOf } from '../domain/trace-context.ts';
import type { SpanAttributes, Tracing } from '../telemetry/tracing/tracing.ts';
import type { TraceSinks } from '../workflows/trace-context.ts';

/**
 * Returns the sink to which workflows report the end of their run.
 *
 * @param tracing Undefined: the sink does nothing. It is needed all the same, because runs of callers with tracing call it.
 */
export function traceSinks(tracing: Tracing | undefined): InjectedSinks<TraceSinks> {
  return {
    traces: {
      runEnded: {
        fn({ workflowType, workflowId, runId, runStartTime }, { caller, input, end }) {
          tracing?.recordRun({
            name: `RunWorkflow:${workflowType}`,
            parent: caller,
            spanId: traceIdsOf(contextOfRun(caller, runId)).spanId,
            startMs: runStartTime.getTime(),
            endMs: Date.now(),
            attributes: {
              temporalWorkflowId: workflowId,
              temporalRunId: runId,
              'temporal.outcome': end.kind,
              ...storeAttributes(input),
            },
            failure: end.kind === 'failed' ? end : undefined,
          });
        },
        callDuringReplay: false,
      },
    },
  };
}

/** Returns the ids of the store and the operation in the first argument of a workflow or an activity. */
export function storeAttributes(argument: unknown): SpanAttributes {
  const { store, run, correlationId } = (argument ?? {}) as Partial<ActivityInput> & {
    readonly correlationId?: string;
  };
  return {
    'store_platform.store_id': store?.storeId,
    'store_platform.tenant_id': store?.tenantId,
    'store_platform.operation': run?.kind,
    'store_platform.correlation_id': run?.correlationId ?? correlationId,
  };
}
