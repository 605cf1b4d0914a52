import { patched } from '@temporalio/workflow';

/**
 * Whether this run began on the present form of the operations: records written within the workflow task, steps that
 * change the cluster waited for when they are cancelled. Runs of the first form (`histories/first-form/`) go on as they
 * began; when none of them can be open any more, this and the other branches go.
 */
export function isOfPresentForm(): boolean {
  return patched('second-form');
}
