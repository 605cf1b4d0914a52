import { defineSignal } from '@temporalio/workflow';
import { SIGNALS, TENANT_SLOT_SIGNAL } from '../../domain/store/actions.ts';

/*
 * Signals that operators send to a run from the API or the Web UI. A run ignores a signal that does not apply to its
 * current step. It does not keep the signal for later.
 */

/** Retries the held step. The input can change the overrides: `{ "overrides": { "image": { "tag": "1.2.3" } } }`. Null unsets a field. */
export const continueSignal = defineSignal<[message?: unknown]>(SIGNALS.continue);

/** Marks a store that is held at `verify` as ready without a verification order. */
export const skipVerificationSignal = defineSignal(SIGNALS['skip-verification']);

/** Undoes the steps of a held provision and ends it as failed. */
export const abortSignal = defineSignal(SIGNALS.abort);

/**
 * Sent by the run of another store of the tenant, and by the reconciler if that signal was lost: the operation was given a tenant
 * slot. A run that does not wait for a slot ignores it.
 */
export const tenantSlotSignal = defineSignal(TENANT_SLOT_SIGNAL);

/** Cancels a delete that waits in its undelete window, and restores the store. */
export const undeleteSignal = defineSignal(SIGNALS.undelete);
