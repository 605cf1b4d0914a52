import { type KubernetesObject, setHeaderOptions } from '@kubernetes/client-node';
import { assertNever } from '../../domain/assert-never.ts';
import { ANNOTATIONS, LABELS, MANAGER } from '../../domain/names.ts';
import type { OrphanKind, SeenOrphan } from '../../domain/orphans.ts';
import { RELEASE_SECRET_TYPE } from '../adapters/helm-record.ts';
import type { Kube } from '../adapters/kube.ts';
import { nameOf, uidOf } from '../adapters/object-identity.ts';

/** Where orphans are looked for, one list of the cluster each. */
export const ORPHAN_SOURCES = ['namespaces', 'volumes', 'secrets', 'release-records'] as const;
export type OrphanSource = (typeof ORPHAN_SOURCES)[number];

/** An object that may belong to a store; whether it does is for the records to say. */
export interface Candidate {
  readonly source: OrphanSource;
  readonly kind: OrphanKind;
  readonly name: string;
  /** The namespace that it is in; of a volume, the one it was claimed from; of a namespace, itself. */
  readonly namespace: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  /** It outlives its store on purpose. */
  readonly isKept: boolean;
  /** Its removal has begun. */
  readonly isTerminating: boolean;
}

export interface CandidatePage {
  readonly candidates: readonly Candidate[];
  /** What to go on with, or null when there are no more. */
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

const OURS = `${LABELS.managedBy}=${MANAGER}`;
const STORE_NAMESPACE = /^store-/;
/** Secrets are looked for by their labels only: no value of theirs is ever read for it. */
const METADATA_ONLY = setHeaderOptions('Accept', 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io');

/** Where a namespace that objects refer to stands. */
export type NamespaceOwnership = 'gone' | 'ours' | 'other';

/** What of the cluster the search for orphans sees and may remove. Every verb throws StoreError CLUSTER_UNAVAILABLE. */
export interface OrphanSearch {
  /** One page of what a store may have left. */
  page(source: OrphanSource, query: PageQuery): Promise<CandidatePage>;
  namespaceOwnership(namespace: string): Promise<NamespaceOwnership>;
  /** The orphaned namespace as it is now; undefined when it is another one by now, or does not carry our label. */
  readNamespace(orphan: SeenOrphan): Promise<Candidate | undefined>;
  /** Removes this very object, by its UID; absent is success. Only what carries our label goes. */
  remove(orphan: SeenOrphan): Promise<void>;
}

/** The search on a real cluster. */
export function createOrphanSearch(kube: Kube): OrphanSearch {
  async function readNamespaceObject(name: string): Promise<KubernetesObject | undefined> {
    return kube.read({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }

  async function namespaceOwnership(namespace: string): Promise<NamespaceOwnership> {
    const found = await readNamespaceObject(namespace);
    if (found === undefined) return 'gone';
    return isOurs(found) ? 'ours' : 'other';
  }

  async function readNamespace({ name, uid }: SeenOrphan): Promise<Candidate | undefined> {
    const found = await readNamespaceObject(name);
    const isSame = found?.metadata?.uid === uid && isOurs(found);
    return isSame ? candidate('namespaces', 'Namespace', found, name) : undefined;
  }

  async function remove({ kind, name, namespace, uid }: SeenOrphan): Promise<void> {
    const metadata = { name, ...(namespace === null ? {} : { namespace }) };
    const found = await kube.read({ apiVersion: 'v1', kind, metadata });
    if (found?.metadata?.uid !== uid || !isOurs(found)) return;
    await kube.remove(found);
  }

  return {
    page: (source, query) => searchPage(kube, source, query),
    namespaceOwnership,
    readNamespace,
    remove,
  };
}

function isOurs({ metadata }: KubernetesObject): boolean {
  return metadata?.labels?.[LABELS.managedBy] === MANAGER;
}

async function searchPage(kube: Kube, source: OrphanSource, query: PageQuery): Promise<CandidatePage> {
  const page = { limit: query.limit, ...(query.after === null ? {} : { _continue: query.after }) };
  switch (source) {
    case 'namespaces': {
      const list = await kube.call('list the namespaces of stores', () =>
        kube.core.listNamespace({ ...page, labelSelector: OURS }),
      );
      return pageOf(list, (object) => candidate(source, 'Namespace', object, object.metadata?.name));
    }
    case 'volumes': {
      const list = await kube.call('list the volumes', () => kube.core.listPersistentVolume(page));
      return pageOf(list, (volume) => ({
        ...candidate(source, 'PersistentVolume', volume, volume.spec?.claimRef?.namespace),
        isKept:
          volume.spec?.persistentVolumeReclaimPolicy === 'Retain' ||
          volume.metadata?.annotations?.[ANNOTATIONS.keptUntil] !== undefined,
      }));
    }
    case 'secrets':
      return secretPage(kube, source, { ...page, labelSelector: OURS });
    case 'release-records':
      return secretPage(kube, source, {
        ...page,
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
  query: Parameters<Kube['core']['listSecretForAllNamespaces']>[0],
): Promise<CandidatePage> {
  const list = await kube.call('list the Secrets of stores', () =>
    kube.core.listSecretForAllNamespaces(query, METADATA_ONLY),
  );
  return pageOf(list, (object) => candidate(source, 'Secret', object, object.metadata?.namespace));
}

function pageOf<T extends KubernetesObject>(list: ObjectList<T>, toCandidate: (object: T) => Candidate): CandidatePage {
  // A list of metadata only says `null` where there is nothing, whatever its type says.
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
    isKept: false,
    isTerminating: metadata?.deletionTimestamp !== undefined,
  };
}
