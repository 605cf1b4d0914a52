/**
 * All names that the platform gives to objects: workflow ids, namespaces, releases, labels. The functions are pure, so
 * that every process computes the same name for the same store.
 */

/**
 * Returns the workflow id of every operation on a store. Temporal allows one open run per id: this is the store's
 * mutex.
 */
export function workflowIdOf(storeId: string): string {
  return `store/${storeId}`;
}

/** Returns the id of the store whose operations have this workflow id, or undefined for other workflow ids. */
export function storeIdOf(workflowId: string): string | undefined {
  return /^store\/([0-9a-f-]{36})$/.exec(workflowId)?.[1];
}

/** Returns the workflow id of the run that delivers a message to a webhook. Each redelivery is another round. */
export function webhookWorkflowIdOf(delivery: {
  readonly installation: string;
  readonly deliveryId: string;
  /** At least 1. */
  readonly round: number;
}): string {
  const { installation, deliveryId, round } = delivery;
  return `webhook/${installation}/${deliveryId}${round === 1 ? '' : `/${round}`}`;
}

const MAX_SLUG_NAME_LENGTH = 30;
/** With eight digits, 100,000 stores of the same name had one collision on average. */
const SLUG_ID_DIGITS = 12;

/**
 * Returns the slug of a store: a DNS-1123 label of its name and twelve hex digits of its id. A slug has at most 43
 * characters, so that release names (≤ 53) and namespaces (≤ 63) with it fit. The database enforces uniqueness.
 */
export function slugOf(store: { readonly id: string; readonly name: string }): string {
  const slug = store.name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[\u0300-\u036f]/g, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_SLUG_NAME_LENGTH)
    .replaceAll(/^-+|-+$/g, '');
  // Service names must start with a letter (RFC 1035). `shop` is the prefix for names that do not.
  const safe = /^[a-z]/.test(slug) ? slug : `shop-${slug}`.slice(0, MAX_SLUG_NAME_LENGTH).replace(/-+$/, '');
  return `${safe}-${store.id.replaceAll('-', '').slice(0, SLUG_ID_DIGITS)}`;
}

/** Returns the namespace of a store. */
export function namespaceOf(slug: string): string {
  return `store-${slug}`;
}

/** Returns the name of a store's Helm release. */
export function releaseNameOf(slug: string): string {
  return slug;
}

/** Labels on the objects that the platform owns. Only these labels decide which objects it adopts and deletes. */
export const LABELS = {
  managedBy: 'app.kubernetes.io/managed-by',
  storeId: 'store-platform.dev/store-id',
  tenantId: 'store-platform.dev/tenant-id',
  engine: 'store-platform.dev/engine',
  /** Id of the installation that created a namespace. Several may share a cluster, and each removes only its own. */
  installation: 'store-platform.dev/installation',
} as const;
export const MANAGER = 'store-platform';

export const ANNOTATIONS = {
  /** Fence token of the attempt that may write to the namespace now. See `activities/namespace/fence.ts`. */
  fence: 'store-platform.dev/fence',
  storeName: 'store-platform.dev/store-name',
  /** On a namespace: the facts from which the record of the store can be rebuilt. See `store-facts.ts`. */
  storeFacts: 'store-platform.dev/store-facts',
  /** On a namespace: when the store became ready, and its volume claims and release. See `ready-mark.ts`. */
  ready: 'store-platform.dev/ready',
  /** On a volume that the volume policy keeps after its store: see `domain/kept-volumes.ts`. */
  keptUntil: 'store-platform.dev/kept-until',
  /** `false` on a workload of a chart that no checkout needs: the verification order may run before it is ready. */
  requiredForCheckout: 'store-platform.dev/required-for-checkout',
} as const;

/**
 * Task queues of an installation. Nothing on them touches a cluster, and no store waits for the receiver of a webhook. All
 * workers poll them.
 */
export interface TaskQueues {
  /** Workflow tasks and writes to the records. */
  readonly control: string;
  /** Requests to the receivers of webhooks. */
  readonly webhook: string;
}

/**
 * Task queues of a cluster. Only the workers of the cluster poll them. A Helm install never waits for a store that becomes
 * ready slowly.
 */
export interface ClusterQueues {
  /** Writes to the cluster. */
  readonly helm: string;
  /** Reads of the cluster and waits. */
  readonly watch: string;
}

/** Name of the cluster of an installation that has only one. */
export const DEFAULT_CLUSTER = 'default';
const CONTROL_SUFFIX = '/control';

/** Returns the task queues of an installation. Other installations may use the same Temporal namespace. */
export function taskQueuesOf(installation: string): TaskQueues {
  return { control: `${installation}${CONTROL_SUFFIX}`, webhook: `${installation}/webhook` };
}

/** Returns the task queues of a cluster of an installation. */
export function clusterQueuesOf(installation: string, cluster: string): ClusterQueues {
  return { helm: `${installation}/${cluster}/helm`, watch: `${installation}/${cluster}/watch` };
}

/** Returns the installation whose workflows run on this task queue. It is the inverse of `taskQueuesOf`. */
export function installationOfQueue(control: string): string {
  return control.endsWith(CONTROL_SUFFIX) ? control.slice(0, -CONTROL_SUFFIX.length) : control;
}

/**
 * Returns the namespace in which an installation keeps its own objects. No store has it: namespaces of stores begin with
 * `store-`.
 */
export function installationNamespaceOf(installation: string): string {
  return `platform-${installation}`;
}

/** Ids of the Temporal Schedules of an installation. Their runs touch no cluster. */
export interface ScheduleIds {
  /** Starts recorded operations that have no run. */
  readonly reconcileStores: string;
  /** Looks up the runs of operations that wait: queued, held, or in an undelete window. */
  readonly reconcileWaiting: string;
  /** Starts the deliveries of webhooks. */
  readonly dispatchWebhooks: string;
}

/** Ids of the Temporal Schedules of a cluster. */
export interface ClusterScheduleIds {
  /** Compares the cluster with the records. */
  readonly reconcileCluster: string;
  /** Verifies the ready stores of the cluster. */
  readonly verifyStores: string;
}

/** Returns the ids of the schedules of an installation. The workflow ids of the runs that they start begin with them. */
export function scheduleIdsOf(installation: string): ScheduleIds {
  return {
    reconcileStores: `${installation}/reconcile-stores`,
    reconcileWaiting: `${installation}/reconcile-waiting-stores`,
    dispatchWebhooks: `${installation}/dispatch-webhooks`,
  };
}

/** Returns the ids of the schedules of a cluster of an installation. The workflow ids of their runs begin with them. */
export function clusterScheduleIdsOf(installation: string, cluster: string): ClusterScheduleIds {
  return {
    reconcileCluster: `${installation}/${cluster}/reconcile-cluster`,
    verifyStores: `${installation}/${cluster}/verify-stores`,
  };
}
