import { sleep } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { DeliveryRunInput } from '../../domain/ports/webhook-runs.ts';
import { activitiesWith } from '../activities-with.ts';
import { PROFILES } from '../activity-profiles.ts';
import { movesToCurrentVersion } from '../versioning.ts';

const { attemptDelivery } = activitiesWith<Pick<Activities, 'attemptDelivery'>>(PROFILES.webhookAttempt);

/**
 * Delivers one message to one webhook. It attempts until the receiver confirms the message, the plan has no further attempt,
 * or the webhook is disabled. The workflow id names the delivery and its round, so that two runs never deliver it at the
 * same time. A cancel ends the run; the record stays open, and the dispatcher starts another run.
 */
export async function deliverWebhook({ deliveryId, round, attempts, retryDelaysMs }: DeliveryRunInput): Promise<void> {
  for (let attempt = attempts + 1; ; attempt += 1) {
    const delayMs = retryDelaysMs[attempt - 1] ?? null;
    const { nextAttemptInMs } = await attemptDelivery({ deliveryId, round, attempt, delayMs });
    if (nextAttemptInMs === null) return;
    await sleep(nextAttemptInMs);
  }
}
movesToCurrentVersion(deliverWebhook);
