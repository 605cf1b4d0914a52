import type { KubernetesObject } from '@kubernetes/client-node';
import type { Kube } from '../adapters/kube.ts';
import { nameOf } from '../adapters/object-identity.ts';

/** Kinds that are listed in parallel: an inspection is not urgent, and the API server has other callers. */
const PARALLEL_LISTS = 4;

/** The objects of a namespace, as the API server's cache has them. They may be some seconds old. */
export type LiveObjects = (wanted: KubernetesObject) => KubernetesObject | undefined;

/**
 * Lists the kinds of the wanted objects in a namespace: one request per kind instead of one per object, which the API server
 * answers from its memory. An object that is missing or differs here must be read again.
 */
export async function listLiveObjects(
  kube: Kube,
  namespace: string,
  wanted: readonly KubernetesObject[],
): Promise<LiveObjects> {
  const inNamespace = wanted.filter(({ metadata }) => metadata?.namespace === namespace);
  const kinds = [...new Map(inNamespace.map((object) => [kindOf(object), object])).values()];
  const found = new Map<string, KubernetesObject>();
  for (let from = 0; from < kinds.length; from += PARALLEL_LISTS) {
    const batch = kinds.slice(from, from + PARALLEL_LISTS);
    const lists = await Promise.all(batch.map((kind) => kube.listCached(kind, namespace)));
    for (const object of lists.flat()) found.set(keyOf(object), object);
  }
  return (object) => found.get(keyOf(object));
}

function kindOf({ apiVersion, kind }: KubernetesObject): string {
  return `${apiVersion ?? ''}/${kind ?? ''}`;
}

function keyOf(object: KubernetesObject): string {
  return `${kindOf(object)}/${nameOf(object)}`;
}
