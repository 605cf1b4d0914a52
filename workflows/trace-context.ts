import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import {
  ApplicationFailure,
  isCancellation,
  proxySinks,
  workflowInfo,
  type Sinks,
  type WorkflowInterceptors,
} from '@temporalio/workflow';
import {
  contextOfRun,
  TRACE_HEADER,
  traceContextFrom,
  traceIdsOf,
  type TraceContext,
} from '../domain/trace-context.ts';

/** How a run ended, with what its span needs. */
export interface EndedRun {
  readonly caller: TraceContext;
  /** First argument of the workflow. */
  readonly input: unknown;
  readonly end:
    | { readonly kind: 'completed' }
    | { readonly kind: 'cancelled' }
    | { readonly kind: 'failed'; readonly type: string; readonly message?: string };
}

/** Calls from workflows to the tracing of their worker. */
export interface TraceSinks extends Sinks {
  traces: { runEnded(run: EndedRun): void };
}

const { traces } = proxySinks<TraceSinks>();

/**
 * Hands the trace of a run's caller on to the activities of the run, and reports the end of the run to the worker.
 *
 * A run without a trace passes unchanged. The interceptors of a run with a trace add a header to its activities and nothing
 * else: no command, no timer, no random number, and no further step of a promise, which could change the order of commands.
 * So a history replays with and without a trace, on workers with and without tracing.
 */
export function interceptors(): WorkflowInterceptors {
  const { runId } = workflowInfo();
  let run: TraceContext | undefined;

  function withTrace<Input extends { readonly headers: Headers }>(input: Input): Input {
    if (run === undefined) return input;
    return { ...input, headers: { ...input.headers, [TRACE_HEADER]: defaultPayloadConverter.toPayload(run) } };
  }

  return {
    inbound: [
      {
        execute(input, next) {
          const caller = callerIn(input.headers);
          if (caller === undefined) return next(input);
          run = contextOfRun(caller, runId);
          const ended = (end: EndedRun['end']): void => traces.runEnded({ caller, input: input.args[0], end });
          const result = next(input);
          // Beside the result and not before it: an `await` here would delay the end of the run by a step.
          void result.then(
            () => ended({ kind: 'completed' }),
            (error: unknown) => ended(failedEnd(error)),
          );
          return result;
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(withTrace(input)),
        scheduleLocalActivity: (input, next) => next(withTrace(input)),
        getLogAttributes: (input, next) => ({ ...next(input), ...(run && traceIdsOf(run)) }),
      },
    ],
  };
}

function callerIn(headers: Headers): TraceContext | undefined {
  const payload = headers[TRACE_HEADER];
  if (payload === undefined) return undefined;
  try {
    return traceContextFrom(defaultPayloadConverter.fromPayload(payload));
  } catch {
    return undefined; // a header that is not ours must not stop the run
  }
}

function failedEnd(error: unknown): EndedRun['end'] {
  if (isCancellation(error)) return { kind: 'cancelled' };
  if (error instanceof ApplicationFailure) {
    return { kind: 'failed', type: error.type ?? 'ApplicationFailure', message: error.message };
  }
  // The message of an unexpected error may hold anything.
  return { kind: 'failed', type: error instanceof Error ? error.name : 'Error' };
}
