import type { Connection } from '@temporalio/client';
import { StoreError } from '../domain/failure.ts';
import { isNotFound } from './grpc-errors.ts';
import { orchestratorFailure, RPC_DEADLINE_MS } from './store-operations.ts';
import { registeredSearchAttributes } from './register-search-attributes.ts';

/** A namespace of a Temporal server. */
export interface TemporalNamespace {
  readonly connection: Pick<Connection, 'operatorService' | 'workflowService' | 'withDeadline'>;
  readonly namespace: string;
}

/**
 * Returns what an operator must change before the platform can use the namespace, in one sentence. Returns undefined if it can
 * be used, or if only search attributes are missing, which a worker registers.
 *
 * @throws StoreError ORCHESTRATOR_UNAVAILABLE or ORCHESTRATOR_REJECTED
 */
export async function findMisconfiguration(temporal: TemporalNamespace): Promise<string | undefined> {
  return (await inspect(temporal)).misconfiguration;
}

/** Checks that runs can start in the namespace. @throws StoreError with the reason if they can't. */
export async function checkTemporal(temporal: TemporalNamespace): Promise<void> {
  const { misconfiguration, missing } = await inspect(temporal);
  if (misconfiguration !== undefined) throw new StoreError('ORCHESTRATOR_REJECTED', misconfiguration);
  if (missing.length === 0) return;
  throw new StoreError(
    'ORCHESTRATOR_REJECTED',
    `the Temporal namespace ${temporal.namespace} lacks the search attributes ${missing.join(', ')}: a worker registers them within half a minute, where the server allows it`,
  );
}

async function inspect({ connection, namespace }: TemporalNamespace) {
  try {
    return await connection.withDeadline(Date.now() + RPC_DEADLINE_MS, async () => {
      if (!(await namespaceExists(connection, namespace))) {
        return {
          misconfiguration: `the Temporal namespace ${namespace} does not exist: create it with "temporal operator namespace create --namespace ${namespace}", or set TEMPORAL_NAMESPACE to another one`,
          missing: [],
        };
      }
      const { missing, wrong } = await registeredSearchAttributes(connection, namespace);
      return { misconfiguration: wrong, missing };
    });
  } catch (error) {
    throw orchestratorFailure(error);
  }
}

async function namespaceExists(connection: Pick<Connection, 'workflowService'>, namespace: string): Promise<boolean> {
  try {
    await connection.workflowService.describeNamespace({ namespace });
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
