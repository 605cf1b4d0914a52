import type { Context } from '@temporalio/activity';
import type { ActivityInterceptors } from '@temporalio/worker';
import type { ActivityInput } from '../../domain/operations/inputs.ts';

/** Adds the store, tenant, operation and correlation id to every log line of an activity. The SDK adds workflow, run and attempt. */
export function logContext(_ctx: Context): ActivityInterceptors {
  let attributes: Record<string, unknown> = {};
  return {
    inbound: {
      execute(input, next) {
        attributes = logAttributesOf(input.args[0]);
        return next(input);
      },
    },
    outbound: {
      getLogAttributes(input, next) {
        return { ...next(input), ...attributes };
      },
    },
  };
}

function logAttributesOf(argument: unknown): Record<string, unknown> {
  const { store, run } = (argument ?? {}) as Partial<ActivityInput>;
  if (store === undefined || run === undefined) return {};
  return { storeId: store.storeId, tenantId: store.tenantId, operation: run.kind, correlationId: run.correlationId };
}
