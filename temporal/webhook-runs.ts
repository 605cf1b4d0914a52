import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { taskQueuesOf, webhookWorkflowIdOf } from '../domain/names.ts';
import type { WebhookRuns } from '../domain/ports/webhook-runs.ts';
import type * as workflows from '../workflows/index.ts';
import { fairnessKeyOf } from './fairness-key.ts';
import { orchestratorFailure, RPC_DEADLINE_MS } from './store-operations.ts';

/** The lowest of Temporal's priorities: every operation of a store goes first. */
const PRIORITY = 5;

/** Starts the runs of deliveries through a Temporal client. */
export function createWebhookRuns(client: Client, installation: string): WebhookRuns {
  async function start(input: Parameters<WebhookRuns['start']>[0]): Promise<'started' | 'alreadyStarted'> {
    const { tenantId, webhookId, deliveryId, round, attempts, retryDelaysMs } = input;
    try {
      await client.withDeadline(Date.now() + RPC_DEADLINE_MS, () =>
        client.workflow.start<typeof workflows.deliverWebhook>('deliverWebhook', {
          workflowId: webhookWorkflowIdOf({ installation, deliveryId, round }),
          taskQueue: taskQueuesOf(installation).control,
          // The record decides whether the delivery is open. A closed run can have been terminated before its end.
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          workflowIdConflictPolicy: 'FAIL',
          priority: { priorityKey: PRIORITY, fairnessKey: fairnessKeyOf(tenantId) },
          staticSummary: `deliver to webhook ${webhookId}`,
          args: [{ deliveryId, round, attempts, retryDelaysMs }],
        }),
      );
      return 'started';
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return 'alreadyStarted';
      throw orchestratorFailure(error);
    }
  }

  return { start };
}
