import type { KubernetesObject } from '@kubernetes/client-node';

/**
 * Fields that identify a Kubernetes object. Every object that the API server returns has them. A missing one is a bug,
 * and an empty value in its place would become an empty precondition: a delete or a patch that matches any object.
 */

/**
 * Returns `metadata.name`.
 *
 * @param kind The kind for the error message; items of a list do not carry one.
 * @throws Error when the name is missing.
 */
export function nameOf(object: KubernetesObject, kind = object.kind): string {
  return required(object, kind, 'name');
}

/** Returns `metadata.uid`. @throws Error when it is missing. */
export function uidOf(object: KubernetesObject, kind = object.kind): string {
  return required(object, kind, 'uid');
}

/** Returns `metadata.resourceVersion`. @throws Error when it is missing. */
export function resourceVersionOf(object: KubernetesObject, kind = object.kind): string {
  return required(object, kind, 'resourceVersion');
}

/** Returns `Kind/name`. @throws Error when the name is missing. */
export function referenceOf(object: KubernetesObject, kind = object.kind): string {
  return `${kind ?? 'object'}/${nameOf(object, kind)}`;
}

function required(
  object: KubernetesObject,
  kind: string | undefined,
  field: 'name' | 'uid' | 'resourceVersion',
): string {
  const value = object.metadata?.[field];
  if (value !== undefined && value !== '') return value;
  const name = object.metadata?.name || '(no name)';
  throw new Error(`${kind ?? 'object'}/${name} has no metadata.${field}`);
}
