import {
  isGrpcServiceError,
  NamespaceNotFoundError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionDescription,
} from '@temporalio/client';
import { isFailureCode, StoreError } from '../domain/failure.ts';
import { taskQueuesOf, workflowIdOf } from '../domain/names.ts';
import { singleFlight } from '../domain/single-flight.ts';
import type {
  RunState,
  StartKind,
  StartOptions,
  StartOutcome,
  StepRetry,
  StoreMessage,
  StoreOperations,
} from '../domain/ports/store-operations.ts';
import { isReconcileKind, operationSpec, RECONCILE_RUNS, type WorkflowType } from '../domain/operations/catalogue.ts';
import { SIGNALS, TENANT_SLOT_SIGNAL } from '../domain/store/actions.ts';
import type { StoreStatus } from '../domain/store/status.ts';
import type * as workflows from '../workflows/index.ts';
import { searchAttributesOf } from '../workflows/search-attributes.ts';
import { fairnessKeyOf } from './fairness-key.ts';
import type { OperationInput } from '../domain/operations/inputs.ts';

/** Deadline of one RPC in milliseconds, retries included. The default of the SDK is about 20 s. */
export const RPC_DEADLINE_MS = 2_000;

/** How a run of a kind is started. */
interface RunSpec {
  readonly workflowType: string;
  readonly statusAtStart: StoreStatus | undefined;
  readonly priorityKey: number;
}

function runSpecOf(kind: StartKind, { isFirst = false }: StartOptions): RunSpec {
  if (isReconcileKind(kind)) return RECONCILE_RUNS[kind];
  const spec = operationSpec(kind);
  return isFirst ? spec : { ...spec, priorityKey: spec.retryPriorityKey };
}

/** An error here names a workflow type of the catalogue that `workflows/index.ts` does not export. */
type StartedWorkflow = (typeof workflows)[WorkflowType];

/**
 * Starts, cancels, signals and observes the runs of an installation's stores through a Temporal client. A start needs no
 * running worker.
 *
 * Every method throws a StoreError with the code `ORCHESTRATOR_UNAVAILABLE` when Temporal does not answer, and with the code
 * `ORCHESTRATOR_REJECTED` when Temporal answers that it rejects the request.
 */
export function createStoreOperations(client: Client, installation: string): StoreOperations {
  const taskQueue = taskQueuesOf(installation).control;
  const starting = singleFlight<StartOutcome>();

  async function startOnce(kind: StartKind, input: OperationInput, options: StartOptions): Promise<StartOutcome> {
    const { store } = input;
    const { workflowType, statusAtStart, priorityKey } = runSpecOf(kind, options);
    try {
      const handle = await client.withDeadline(Date.now() + RPC_DEADLINE_MS, () =>
        client.workflow.start<StartedWorkflow>(workflowType, {
          workflowId: workflowIdOf(store.storeId),
          taskQueue,
          // Which operation may follow which is decided by the record: a run that it does not allow ends before its first
          // step. Temporal can't tell, because the newest run may be one of the reconciler.
          workflowIdReusePolicy: options.isFirst === true ? 'REJECT_DUPLICATE' : 'ALLOW_DUPLICATE',
          workflowIdConflictPolicy: 'FAIL',
          // Tenants share the workers fairly: a tenant that queues a hundred stores does not delay another one's first.
          priority: { priorityKey, fairnessKey: fairnessKeyOf(store.tenantId) },
          typedSearchAttributes: searchAttributesOf(store, kind, statusAtStart),
          staticSummary: `${kind} ${store.engine} store ${store.namespace}`,
          args: [input],
        }),
      );
      return { kind: 'started', runId: handle.firstExecutionRunId };
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return { kind: 'alreadyStarted' };
      throw orchestratorFailure(error);
    }
  }

  /** Equal starts at the same time share one RPC, so a burst of equal requests costs one. */
  function start(kind: StartKind, input: OperationInput, options: StartOptions = {}): Promise<StartOutcome> {
    return starting(`${kind} ${options.isFirst === true} ${input.store.storeId}`, () => startOnce(kind, input, options))
      .result;
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
      throw orchestratorFailure(error);
    }
  }

  function signal(storeId: string, { action, overrides }: StoreMessage): Promise<'delivered' | 'notRunning'> {
    return send(storeId, SIGNALS[action], overrides === undefined ? [] : [{ overrides }]);
  }

  async function send(
    storeId: string,
    name: string,
    args: readonly unknown[] = [],
  ): Promise<'delivered' | 'notRunning'> {
    const handle = client.workflow.getHandle(workflowIdOf(storeId));
    try {
      await client.withDeadline(Date.now() + RPC_DEADLINE_MS, () => handle.signal(name, ...args));
      return 'delivered';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 'notRunning';
      throw orchestratorFailure(error);
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
      throw orchestratorFailure(error);
    }
  }

  async function retryOf(storeId: string, runId: string): Promise<StepRetry | null> {
    const handle = client.workflow.getHandle(workflowIdOf(storeId), runId);
    try {
      const { raw } = await client.withDeadline(Date.now() + RPC_DEADLINE_MS, () => handle.describe());
      const repeated = raw.pendingActivities?.find(({ attempt }) => (attempt ?? 1) > 1);
      return repeated === undefined ? null : stepRetryOf(repeated);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw orchestratorFailure(error);
    }
  }

  async function ping(): Promise<void> {
    try {
      await client.withDeadline(Date.now() + RPC_DEADLINE_MS, () => client.workflowService.getSystemInfo({}));
    } catch (error) {
      throw orchestratorFailure(error);
    }
  }

  const signalTenantSlot = (storeId: string) => send(storeId, TENANT_SLOT_SIGNAL);

  return { start, cancel, signal, signalTenantSlot, observe, retryOf, ping };
}

type PendingActivity = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

function stepRetryOf({ attempt, lastFailure, nextAttemptScheduleTime: next }: PendingActivity): StepRetry {
  const type = lastFailure?.applicationFailureInfo?.type;
  return {
    attempt: attempt ?? 1,
    lastFailure: { code: isFailureCode(type) ? type : null, message: lastFailure?.message ?? 'the attempt failed' },
    nextAttemptAt: next === null || next === undefined ? null : new Date(Number(next.seconds ?? 0) * 1_000),
  };
}

/**
 * gRPC codes with which Temporal says that it rejects the request and will reject it again. All other codes mean that it
 * gave no answer, or a passing one.
 */
const REJECTIONS: Readonly<Record<number, string>> = {
  3: 'INVALID_ARGUMENT',
  5: 'NOT_FOUND',
  6: 'ALREADY_EXISTS',
  7: 'PERMISSION_DENIED',
  9: 'FAILED_PRECONDITION',
  11: 'OUT_OF_RANGE',
  12: 'UNIMPLEMENTED',
  15: 'DATA_LOSS',
  16: 'UNAUTHENTICATED',
};
const MAX_DETAILS_LENGTH = 300;

/** Converts a gRPC error to the failure that callers handle. Any other error is a bug and is returned unchanged. */
export function orchestratorFailure(error: unknown): unknown {
  if (error instanceof NamespaceNotFoundError) {
    return rejected(`the namespace ${error.namespace} does not exist`, error);
  }
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const grpcError = [error, cause].find((candidate) => isGrpcServiceError(candidate));
  if (grpcError === undefined) return error;
  const rejection = REJECTIONS[grpcError.code];
  if (rejection !== undefined)
    return rejected(`${rejection}: ${grpcError.details.slice(0, MAX_DETAILS_LENGTH)}`, error);
  return new StoreError('ORCHESTRATOR_UNAVAILABLE', 'Temporal does not answer; try again shortly', { cause: error });
}

function rejected(reason: string, cause: unknown): StoreError {
  return new StoreError('ORCHESTRATOR_REJECTED', `Temporal rejected the request: ${reason}`, { cause });
}
