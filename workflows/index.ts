/** Every export becomes a workflow type, so: workflows and message definitions only. */
export { provisionStore } from './provision-store.ts';
export { deleteStore } from './delete-store.ts';
export { expireVolumes } from './expire-volumes.ts';
export { abortSignal, continueSignal, skipVerificationSignal, undeleteSignal } from './operation/messages.ts';
export { reconcileStores } from './reconcile/stores.ts';
export { reconcileCluster } from './reconcile/cluster.ts';
export { verifyStores } from './reconcile/verify-stores.ts';
export { cleanUpLeftovers, repairStore } from './reconcile/store.ts';
