/**
 * Every name that the platform gives away: workflow ids, namespaces, releases, labels. Pure functions, so that whoever
 * needs to meet another process under a name computes the same one.
 */

/** Workflow id of every operation on a store. Temporal allows one open run per id: this is the store's mutex. */
export function workflowIdOf(storeId: string): string {
  return `store/${storeId}`;
}

/** The store whose operations run under a workflow id, or undefined for ids of another kind. */
export function storeIdOf(workflowId: string): string | undefined {
  return /^store\/([0-9a-f-]{36})$/.exec(workflowId)?.[1];
}

const MAX_SLUG_LENGTH = 30;

/**
 * The DNS-1123 label that names a store to people: a slug of its name and eight digits of its id. At most 39 characters,
 * so that release names (≤ 53) and namespaces (≤ 63) built on it fit. Uniqueness is enforced by the database.
 */
export function slugOf(store: { readonly id: string; readonly name: string }): string {
  const slug = store.name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[\u0300-\u036f]/g, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_SLUG_LENGTH)
    .replaceAll(/^-+|-+$/g, '');
  // Service names must start with a letter (RFC 1035); `shop` leads for names that have none to offer.
  const safe = /^[a-z]/.test(slug) ? slug : `shop-${slug}`.slice(0, MAX_SLUG_LENGTH).replace(/-+$/, '');
  return `${safe}-${store.id.replaceAll('-', '').slice(0, 8)}`;
}

/** Namespace of a store. */
export function namespaceOf(slug: string): string {
  return `store-${slug}`;
}

/** Helm release of a store. */
export function releaseNameOf(slug: string): string {
  return slug;
}

/** Labels the platform puts on what it owns; adopting and deleting look at nothing else. */
export const LABELS = {
  managedBy: 'app.kubernetes.io/managed-by',
  storeId: 'store-platform.dev/store-id',
  tenantId: 'store-platform.dev/tenant-id',
  engine: 'store-platform.dev/engine',
  /** Which platform made a namespace; several may share a cluster, and each removes only its own. */
  installation: 'store-platform.dev/installation',
} as const;
export const MANAGER = 'store-platform';

export const ANNOTATIONS = {
  /** The attempt that may write to the namespace now; see the fencing rule in `activities/`. */
  fence: 'store-platform.dev/fence',
  storeName: 'store-platform.dev/store-name',
  /** On a volume that outlives its store by policy: until when, as an instant, or `forever`. */
  keptUntil: 'store-platform.dev/kept-until',
  /** `false` on a workload of a chart that no customer waits for: the order that proves the store may go before it is up. */
  requiredForCheckout: 'store-platform.dev/required-for-checkout',
} as const;

/** Workflow id of the run that lets a deleted store's volumes go when their time is over. */
export function volumesWorkflowIdOf(storeId: string): string {
  return `volumes/${storeId}`;
}

/** Task queues: record keeping never waits behind an install, and an install never behind a store that takes its time. */
export const TASK_QUEUES = { control: 'control', helm: 'helm', watch: 'watch' } as const;

/** Id of the Temporal Schedule that starts what has a record and no run. */
export const RECONCILE_SCHEDULE_ID = 'reconcile-stores';

/** Id of the Temporal Schedule that asks ready stores whether they still sell. */
export const VERIFY_SCHEDULE_ID = 'verify-stores';

/** Id of the Temporal Schedule that compares the cluster with the records. */
export const INSPECT_SCHEDULE_ID = 'reconcile-cluster';
