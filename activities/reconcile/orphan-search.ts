import { type KubernetesObject, setHeaderOptions, type V1PersistentVolume, type V1Pod } from '@kubernetes/client-node';
import { assertNever } from '../../domain/assert-never.ts';
import { ANNOTATIONS, LABELS, MANAGER } from '../../domain/names.ts';
import type { OrphanKind, SeenOrphan } from '../../domain/orphans.ts';
import type { DataEvidence } from '../../domain/unaccounted.ts';
import { RELEASE_SECRET_TYPE } from '../adapters/helm-record.ts';
import type { Kube } from '../adapters/kube.ts';
import { nameOf, uidOf } from '../adapters/object-identity.ts';
import { listClaims } from '../namespace/find-volumes.ts';
import { readyMarkIn } from '../namespace/ready-mark.ts';
import { type StoreFacts, storeFactsIn } from '../namespace/store-facts.ts';

/** The searched collections, each listed from the cluster. */
export const ORPHAN_SOURCES = ['namespaces', 'volumes', 'secrets', 'release-records'] as const;
export type OrphanSource = (typeof ORPHAN_SOURCES)[number];

/** An object that may belong to a store. The records decide whether it does. */
export interface Candidate {
  readonly source: OrphanSource;
  readonly kind: OrphanKind;
  readonly name: string;
  /** The object's namespace; for a volume that of its claim; for a namespace itself. */
  readonly namespace: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Only for a namespace: the facts about its store. Undefined: it has none. */
  readonly facts?: StoreFacts | undefined;
  /** Only for a namespace: when its store was marked as ready, in RFC 3339. */
  readonly readySince: string | null;
  /** True: a policy keeps it after the delete of its store. */
  readonly isKept: boolean;
  /** For a volume: the annotation that says until when the volume policy keeps it. */
  readonly keptUntil?: string | undefined;
  /** True: its deletion has begun. */
  readonly isTerminating: boolean;
}

export interface CandidatePage {
  readonly candidates: readonly Candidate[];
  /** Continue token of the next page; null for the last page. */
  readonly next: string | null;
}

interface PageQuery {
  readonly limit: number;
  readonly after: string | null;
}

interface ObjectList<T extends KubernetesObject> {
  readonly items: readonly T[];
  readonly metadata?: { readonly _continue?: string };
}

const OF_PLATFORM = `${LABELS.managedBy}=${MANAGER}`;
const STORE_NAMESPACE = /^store-/;
/** The search reads only the metadata of Secrets, never their values. */
const METADATA_ONLY = setHeaderOptions('Accept', 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io');

/**
 * Owner of the namespace of an object: `ours` has the labels of the platform and of this installation, `foreign` belongs
 * to another installation or names none, and `other` has no label of the platform.
 */
export type NamespaceOwnership = 'gone' | 'ours' | 'foreign' | 'other';

/** Finds and removes orphans in the cluster. Every function throws StoreError CLUSTER_UNAVAILABLE. */
export interface OrphanSearch {
  /** Lists one page of candidates. */
  page(source: OrphanSource, query: PageQuery): Promise<CandidatePage>;
  namespaceOwnership(namespace: string): Promise<NamespaceOwnership>;
  /** Reads the orphaned namespace. Returns undefined when its UID differs or it does not belong to this installation. */
  readNamespace(orphan: Pick<SeenOrphan, 'name' | 'uid'>): Promise<Candidate | undefined>;
  /** Reads the namespace with this name. Returns undefined when it does not belong to this installation. */
  findNamespace(name: string): Promise<Candidate | undefined>;
  /** Returns what the cluster shows about data in a namespace. */
  evidence(namespace: Candidate): Promise<DataEvidence>;
  /**
   * Deletes the object with this UID, if it belongs to this installation. Leaves a volume that is bound to a claim. An
   * absent object is success.
   */
  remove(orphan: SeenOrphan): Promise<void>;
}

/** Creates the search on the Kubernetes API for one of the installations that share the cluster. */
export function createOrphanSearch(kube: Kube, installation: string): OrphanSearch {
  function isOurs(object: KubernetesObject): boolean {
    return isOfPlatform(object) && object.metadata?.labels?.[LABELS.installation] === installation;
  }

  async function readNamespaceObject(name: string): Promise<KubernetesObject | undefined> {
    return kube.read({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }

  async function namespaceOwnership(namespace: string): Promise<NamespaceOwnership> {
    const found = await readNamespaceObject(namespace);
    if (found === undefined) return 'gone';
    if (!isOfPlatform(found)) return 'other';
    return isOurs(found) ? 'ours' : 'foreign';
  }

  async function findNamespace(name: string): Promise<Candidate | undefined> {
    const found = await readNamespaceObject(name);
    return found !== undefined && isOurs(found) ? candidate('namespaces', 'Namespace', found, name) : undefined;
  }

  async function readNamespace({ name, uid }: Pick<SeenOrphan, 'name' | 'uid'>): Promise<Candidate | undefined> {
    const found = await findNamespace(name);
    return found?.uid === uid ? found : undefined;
  }

  async function evidence({ name, readySince }: Candidate): Promise<DataEvidence> {
    const [claims, pods] = await Promise.all([
      listClaims(kube, name),
      kube.call(`list the pods of ${name}`, () => kube.core.listNamespacedPod({ namespace: name })),
    ]);
    return {
      readySince,
      boundClaims: claims
        .filter(({ spec, status }) => status?.phase === 'Bound' || Boolean(spec?.volumeName))
        .map((claim) => nameOf(claim, 'PersistentVolumeClaim')),
      readyPods: pods.items.filter(isPodReady).map((pod) => nameOf(pod, 'Pod')),
    };
  }

  async function remove({ kind, name, namespace, uid }: SeenOrphan): Promise<void> {
    const metadata = { name, ...(namespace === null ? {} : { namespace }) };
    const found: (KubernetesObject & Pick<V1PersistentVolume, 'status'>) | undefined = await kube.read({
      apiVersion: 'v1',
      kind,
      metadata,
    });
    if (found?.metadata?.uid !== uid || !isOurs(found)) return;
    // A person may have bound the volume to a new claim since it was listed.
    if (kind === 'PersistentVolume' && found.status?.phase === 'Bound') return;
    await kube.remove(found);
  }

  return {
    page: (source, query) => searchPage(kube, source, query),
    namespaceOwnership,
    readNamespace,
    findNamespace,
    evidence,
    remove,
  };
}

function isPodReady({ status }: V1Pod): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') === true;
}

function isOfPlatform({ metadata }: KubernetesObject): boolean {
  return metadata?.labels?.[LABELS.managedBy] === MANAGER;
}

async function searchPage(kube: Kube, source: OrphanSource, { limit, after }: PageQuery): Promise<CandidatePage> {
  switch (source) {
    case 'namespaces': {
      const list = await kube.callPage('list the namespaces of stores', after, (page) =>
        kube.core.listNamespace({ ...page, limit, labelSelector: OF_PLATFORM }),
      );
      return pageOf(list, (object) => candidate(source, 'Namespace', object, object.metadata?.name));
    }
    case 'volumes': {
      const list = await kube.callPage('list the volumes', after, (page) =>
        kube.core.listPersistentVolume({ ...page, limit }),
      );
      return pageOf(list, (volume) => ({
        ...candidate(source, 'PersistentVolume', volume, volume.spec?.claimRef?.namespace),
        isKept:
          volume.spec?.persistentVolumeReclaimPolicy === 'Retain' ||
          volume.metadata?.annotations?.[ANNOTATIONS.keptUntil] !== undefined,
        keptUntil: volume.metadata?.annotations?.[ANNOTATIONS.keptUntil],
      }));
    }
    case 'secrets':
      return secretPage(kube, source, after, { limit, labelSelector: OF_PLATFORM });
    case 'release-records':
      return secretPage(kube, source, after, {
        limit,
        labelSelector: 'owner=helm',
        fieldSelector: `type=${RELEASE_SECRET_TYPE}`,
      });
    default:
      return assertNever(source);
  }
}

async function secretPage(
  kube: Kube,
  source: OrphanSource,
  after: string | null,
  query: Parameters<Kube['core']['listSecretForAllNamespaces']>[0],
): Promise<CandidatePage> {
  const list = await kube.callPage('list the Secrets of stores', after, (page) =>
    kube.core.listSecretForAllNamespaces({ ...query, ...page }, METADATA_ONLY),
  );
  return pageOf(list, (object) => candidate(source, 'Secret', object, object.metadata?.namespace));
}

function pageOf<T extends KubernetesObject>(list: ObjectList<T>, toCandidate: (object: T) => Candidate): CandidatePage {
  // In contrast to its type, an empty list of metadata has `items: null`.
  const items: readonly T[] | null = list.items;
  const candidates = (items ?? []).map(toCandidate).filter(({ namespace }) => STORE_NAMESPACE.test(namespace));
  const { _continue: next } = list.metadata ?? {};
  return { candidates, next: next || null };
}

function candidate(
  source: OrphanSource,
  kind: OrphanKind,
  object: KubernetesObject,
  namespace: string | undefined,
): Candidate {
  const { metadata } = object;
  return {
    source,
    kind,
    name: nameOf(object, kind),
    // Empty for a volume that was never claimed; `pageOf` drops it.
    namespace: namespace ?? '',
    uid: uidOf(object, kind),
    labels: metadata?.labels ?? {},
    ...(kind === 'Namespace' ? { facts: storeFactsIn(object) } : {}),
    readySince: kind === 'Namespace' ? (readyMarkIn(object)?.since ?? null) : null,
    isKept: false,
    isTerminating: metadata?.deletionTimestamp !== undefined,
  };
}
