import { toActivityFailure } from '../runtime/activity-failure.ts';
import { createAttemptActivities, type AttemptDependencies } from './attempt.ts';
import { createDispatchActivities, type DispatchDependencies } from './dispatch.ts';

export interface WebhookDependencies
  extends Omit<AttemptDependencies, 'records'>, Omit<DispatchDependencies, 'records'> {
  readonly records: AttemptDependencies['records'] & DispatchDependencies['records'];
}

/** Creates the activities of the queue `webhook`. */
export function createWebhookActivities(deps: WebhookDependencies) {
  return {
    attemptDelivery: toActivityFailure(createAttemptActivities(deps).attemptDelivery),
    dispatchDeliveries: toActivityFailure(createDispatchActivities(deps).dispatchDeliveries),
  };
}
