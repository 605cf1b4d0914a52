import type { Kube } from '../../../activities/adapters/kube.ts';

/** The requests that list the volumes of the cluster. */
export interface VolumeLists {
  /** The pages of one list count once. */
  readonly count: () => number;
  /** The different page sizes that were requested. */
  readonly limits: () => readonly (number | undefined)[];
}

/** Returns a client that counts the lists of all volumes of the cluster. */
export function countVolumeLists(kube: Kube): { readonly kube: Kube; readonly lists: VolumeLists } {
  let count = 0;
  const limits = new Set<number | undefined>();
  const core = new Proxy(kube.core, {
    get: (target, property) => {
      const value: unknown = Reflect.get(target, property);
      if (property !== 'listPersistentVolume') return value;
      return async (page: { readonly limit?: number; readonly _continue?: string } = {}) => {
        const { limit, _continue: token } = page;
        if (token === undefined) count += 1;
        limits.add(limit);
        return target.listPersistentVolume(page);
      };
    },
  });
  return { kube: { ...kube, core }, lists: { count: () => count, limits: () => [...limits] } };
}
