import { defineSignal } from '@temporalio/workflow';
import { SIGNALS } from '../../domain/store/actions.ts';

/*
 * What operators may tell a run, from the API or from the Web UI. A message that does not fit
 * what the run is doing has no effect, now or later.
 */

/** Do the held step again. May bring a change of the overrides: `{ "overrides": { "image": { "tag": "1.2.3" } } }`. */
export const continueSignal = defineSignal<[message?: unknown]>(SIGNALS.continue);

/** Count a store that is held at `verify` as ready without proof that it sells. */
export const skipVerificationSignal = defineSignal(SIGNALS['skip-verification']);

/** Undo what is held, and end as failed. */
export const abortSignal = defineSignal(SIGNALS.abort);

/** From the run of another store of the tenant: there is room now. Of no effect on a run that does not wait for its turn. */
export const tenantSlotSignal = defineSignal('tenantSlotFree');

/** Take back a delete that waits in its undelete window. */
export const undeleteSignal = defineSignal(SIGNALS.undelete);
