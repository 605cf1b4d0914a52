import {
  isGrpcServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowIdReusePolicy,
} from '@temporalio/client';
import { StoreError } from '../domain/failure.ts';
import { TASK_QUEUES, workflowIdOf } from '../domain/names.ts';
import type { OperationInput } from '../domain/operations/types.ts';
import { singleFlight } from '../domain/single-flight.ts';
import type {
  RunState,
  StartKind,
  StartOutcome,
  StoreMessage,
  StoreOperations,
} from '../domain/ports/store-operations.ts';
import { SIGNALS } from '../domain/store/actions.ts';
import type { StoreStatus } from '../domain/store/status.ts';
import type { deleteStore, provisionStore, cleanUpLeftovers, repairStore } from '../workflows/index.ts';
import { searchAttributesOf } from '../workflows/search-attributes.ts';

/** Deadline of one RPC in milliseconds, retries included. The default of the SDK is about 20 s. */
const RPC_DEADLINE_MS = 2_000;

const REUSE_POLICY = {
  // The unique index on (tenant, key) already rejects a duplicate; this policy is the second protection.
  provision: 'REJECT_DUPLICATE',
  // The newest run can be a completed cleanup, so Temporal can't decide whether a retry is allowed. The record decides: a run
  // that it does not allow ends before its first step.
  retry: 'ALLOW_DUPLICATE',
  // A delete can follow any run, as soon as that run has closed.
  delete: 'ALLOW_DUPLICATE',
  repair: 'ALLOW_DUPLICATE',
  cleanup: 'ALLOW_DUPLICATE',
} as const satisfies Record<StartKind, WorkflowIdReusePolicy>;

/** Temporal serves the lowest key first: deletes free capacity, and a retry continues work that was already paid for. */
const PRIORITY_KEY = { delete: 1, retry: 2, provision: 3, repair: 4, cleanup: 4 } as const satisfies Record<
  StartKind,
  number
>;

/** Temporal's limit on a fairness key, in bytes. */
const MAX_FAIRNESS_KEY_BYTES = 64;

const FIRST_STATUS = {
  provision: 'requested',
  retry: 'requested',
  delete: 'deleting',
  repair: 'ready',
  cleanup: undefined, // the store may have no record, and a cleanup does not change the status
} as const satisfies Record<StartKind, StoreStatus | undefined>;

const WORKFLOW_TYPE = {
  provision: 'provisionStore',
  retry: 'provisionStore',
  delete: 'deleteStore',
  repair: 'repairStore',
  cleanup: 'cleanUpLeftovers',
} as const satisfies Record<StartKind, string>;

type StartedWorkflow = typeof provisionStore | typeof deleteStore | typeof repairStore | typeof cleanUpLeftovers;

/**
 * Starts, cancels, signals and observes the runs of stores through a Temporal client. A start needs no running worker.
 *
 * Every method throws a StoreError with the code `ORCHESTRATOR_UNAVAILABLE` when Temporal does not answer.
 */
export function createStoreOperations(client: Client): StoreOperations {
  const starting = singleFlight<StartOutcome>();

  async function startOnce(kind: StartKind, input: OperationInput): Promise<StartOutcome> {
    const { store } = input;
    const operation = kind === 'retry' ? 'provision' : kind;
    try {
      const handle = await client.withDeadline(Date.now() + RPC_DEADLINE_MS, () =>
        client.workflow.start<StartedWorkflow>(WORKFLOW_TYPE[kind], {
          workflowId: workflowIdOf(store.storeId),
          taskQueue: TASK_QUEUES.control,
          workflowIdReusePolicy: REUSE_POLICY[kind],
          workflowIdConflictPolicy: 'FAIL',
          // Fairness between tenants: a tenant that queues a hundred stores does not delay the first store of another tenant.
          priority: { priorityKey: PRIORITY_KEY[kind], fairnessKey: fairnessKeyOf(store.tenantId) },
          typedSearchAttributes: searchAttributesOf(store, operation, FIRST_STATUS[kind]),
          staticSummary: `${operation} ${store.engine} store ${store.namespace}`,
          args: [input],
        }),
      );
      return { kind: 'started', runId: handle.firstExecutionRunId };
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return { kind: 'alreadyStarted' };
      throw unavailable(error);
    }
  }

  /** Concurrent starts of the same kind for the same store share one RPC. */
  function start(kind: StartKind, input: OperationInput): Promise<StartOutcome> {
    return starting(`${kind} ${input.store.storeId}`, () => startOnce(kind, input)).result;
  }

  async function cancel(storeId: string): Promise<'requested' | 'notRunning'> {
    const handle = client.workflow.getHandle(workflowIdOf(storeId));
    try {
      return await client.withDeadline(Date.now() + RPC_DEADLINE_MS, async () => {
        await handle.cancel();
        // The server also accepts a cancel of a closed run. A run that is open afterwards has received the cancel. A run that
        // is closed afterwards may have closed before the cancel.
        const { status } = await handle.describe();
        return status.name === 'RUNNING' ? 'requested' : 'notRunning';
      });
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 'notRunning';
      throw unavailable(error);
    }
  }

  async function signal(storeId: string, { action, overrides }: StoreMessage): Promise<'delivered' | 'notRunning'> {
    const handle = client.workflow.getHandle(workflowIdOf(storeId));
    const args = overrides === undefined ? [] : [{ overrides }];
    try {
      await client.withDeadline(Date.now() + RPC_DEADLINE_MS, () => handle.signal(SIGNALS[action], ...args));
      return 'delivered';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 'notRunning';
      throw unavailable(error);
    }
  }

  async function observe(storeId: string): Promise<RunState> {
    const handle = client.workflow.getHandle(workflowIdOf(storeId));
    try {
      return await client.withDeadline(Date.now() + RPC_DEADLINE_MS, async () => {
        const { status, closeTime } = await handle.describe();
        return status.name === 'RUNNING' ? { kind: 'open' } : { kind: 'closed', at: closeTime ?? null };
      });
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return { kind: 'unknown' };
      throw unavailable(error);
    }
  }

  async function ping(): Promise<void> {
    try {
      await client.withDeadline(Date.now() + RPC_DEADLINE_MS, () => client.workflowService.getSystemInfo({}));
    } catch (error) {
      throw unavailable(error);
    }
  }

  return { start, cancel, signal, observe, ping };
}

function fairnessKeyOf(tenantId: string): string {
  return Buffer.from(tenantId).subarray(0, MAX_FAIRNESS_KEY_BYTES).toString();
}

/** Converts a gRPC error to the failure that callers handle. Any other error is a bug and is returned unchanged. */
function unavailable(error: unknown): unknown {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (isGrpcServiceError(error) || isGrpcServiceError(cause)) {
    return new StoreError('ORCHESTRATOR_UNAVAILABLE', 'Temporal does not answer; try again shortly', { cause: error });
  }
  return error;
}
