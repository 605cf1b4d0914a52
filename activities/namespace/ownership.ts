import type { KubernetesObject } from '@kubernetes/client-node';
import { LABELS, MANAGER } from '../../domain/names.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

/**
 * A store and the installation that owns it. Several installations may share a cluster, so only the store id and the
 * installation id together decide which objects the platform adopts, changes and deletes.
 */
export interface OwnedStore extends StoreTarget {
  readonly installation: string;
}

/** Input of an activity, with the installation that owns the store. */
export type Owned<I extends { readonly store: StoreTarget }> = Omit<I, 'store'> & { readonly store: OwnedStore };

/** Returns the activity input with the installation of this process as the owner of the store. */
export function ownedBy<I extends { readonly store: StoreTarget }>(installation: string, input: I): Owned<I> {
  return { ...input, store: { ...input.store, installation } };
}

/** Returns the labels of every object that the platform creates for a store. */
export function labelsOf(store: OwnedStore): Record<string, string> {
  return {
    [LABELS.managedBy]: MANAGER,
    [LABELS.storeId]: store.storeId,
    [LABELS.tenantId]: labelValue(store.tenantId),
    [LABELS.engine]: store.engine,
    [LABELS.installation]: store.installation,
  };
}

/**
 * Returns whether the labels of an object name this store and this installation. A missing label counts as another
 * owner: the platform neither adopts nor changes nor deletes such an object.
 */
export function belongsTo(store: OwnedStore, { metadata }: KubernetesObject): boolean {
  const labels = metadata?.labels;
  return labels?.[LABELS.storeId] === store.storeId && labels[LABELS.installation] === store.installation;
}

/** Returns whether a label of an object names an owner of it. The owner may be any store of any installation. */
export function hasOwner({ metadata }: KubernetesObject): boolean {
  const labels = metadata?.labels;
  return labels?.[LABELS.storeId] !== undefined || labels?.[LABELS.installation] !== undefined;
}

/** Returns the label selector of the objects that belong to the store. It selects what `belongsTo` accepts. */
export function selectorOf(store: OwnedStore): string {
  return `${LABELS.storeId}=${store.storeId},${LABELS.installation}=${store.installation}`;
}

/** Converts a tenant id to a label value, which allows fewer characters. */
function labelValue(text: string): string {
  return text
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .slice(0, 63)
    .replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
}
