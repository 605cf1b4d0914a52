import type { V1PersistentVolume } from '@kubernetes/client-node';
import { ANNOTATIONS, LABELS, MANAGER } from '../../domain/names.ts';
import type { Kube } from '../adapters/kube.ts';
import { nameOf, resourceVersionOf } from '../adapters/object-identity.ts';

/** A volume with the labels of this installation. The volume policy of a deleted store may keep it. */
export interface KeptVolume {
  readonly name: string;
  readonly resourceVersion: string;
  /** Namespace of the claim that it is or was bound to. Undefined: it was never bound. */
  readonly claimNamespace: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** The annotation that says until when the volume is kept. */
  readonly mark: string | undefined;
  /** Phase of the volume. `Released`: its claim is gone. */
  readonly phase: string | undefined;
  readonly reclaimPolicy: string | undefined;
}

/** Finds and releases kept volumes in the cluster. Every function throws StoreError. */
export interface KeptVolumeSearch {
  /** Lists one page of the volumes that carry the labels of this installation. */
  page(query: {
    readonly limit: number;
    readonly after: string | null;
  }): Promise<{ readonly volumes: readonly KeptVolume[]; readonly next: string | null }>;
  /**
   * Sets the reclaim policy Delete, so that the cluster deletes the volume with its data. Returns false when the volume
   * has changed since it was read.
   */
  release(volume: KeptVolume): Promise<boolean>;
}

/** Creates the search on the Kubernetes API for one of the installations that share the cluster. */
export function createKeptVolumeSearch(kube: Kube, installation: string): KeptVolumeSearch {
  const labelSelector = `${LABELS.managedBy}=${MANAGER},${LABELS.installation}=${installation}`;

  async function page({ limit, after }: Parameters<KeptVolumeSearch['page']>[0]) {
    const { items, metadata } = await kube.callPage('list the kept volumes', after, (position) =>
      kube.core.listPersistentVolume({ ...position, limit, labelSelector }),
    );
    const { _continue: next } = metadata ?? {};
    return { volumes: items.map(keptVolumeOf), next: next || null };
  }

  async function release({ name, resourceVersion }: KeptVolume): Promise<boolean> {
    // A person who extends the retention at the same time wins: their edit changes the version.
    const changed = await kube.merge<V1PersistentVolume>({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name, resourceVersion },
      spec: { persistentVolumeReclaimPolicy: 'Delete' },
    });
    return changed !== undefined;
  }

  return { page, release };
}

function keptVolumeOf(volume: V1PersistentVolume): KeptVolume {
  return {
    name: nameOf(volume, 'PersistentVolume'),
    resourceVersion: resourceVersionOf(volume, 'PersistentVolume'),
    claimNamespace: volume.spec?.claimRef?.namespace,
    labels: volume.metadata?.labels ?? {},
    mark: volume.metadata?.annotations?.[ANNOTATIONS.keptUntil],
    phase: volume.status?.phase,
    reclaimPolicy: volume.spec?.persistentVolumeReclaimPolicy,
  };
}
