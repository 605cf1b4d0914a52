/** Temporal registers every exported function as a workflow type: export only workflows and message definitions. */
export { provisionStore } from './provision-store.ts';
export { deleteStore } from './delete-store.ts';
export { abortSignal, continueSignal, skipVerificationSignal, undeleteSignal } from './operation/messages.ts';
export { reconcileStores } from './reconcile/stores.ts';
export { reconcileCluster } from './reconcile/cluster.ts';
export { verifyStores } from './reconcile/verify-stores.ts';
export { adoptStore, cleanUpLeftovers, repairStore } from './reconcile/store.ts';
export { deliverWebhook } from './webhooks/deliver.ts';
export { dispatchWebhooks } from './webhooks/dispatch.ts';
