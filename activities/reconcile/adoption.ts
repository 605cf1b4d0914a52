import { log } from '@temporalio/activity';
import { engineSpec } from '../../domain/engines/index.ts';
import type { ActivityInput, StoreTarget } from '../../domain/operations/inputs.ts';
import type { AdoptedStore, UnaccountedRecords } from '../../domain/ports/unaccounted-records.ts';
import { decodeReleaseSecret } from '../adapters/helm-record.ts';
import type { Kube } from '../adapters/kube.ts';
import { createNodeObserver } from '../namespace/observe-nodes.ts';
import { readyMarkIn } from '../namespace/ready-mark.ts';
import { belongsTo } from '../namespace/ownership.ts';
import { isTerminating, readNamespace } from '../namespace/lookup.ts';
import { storeFactsIn } from '../namespace/store-facts.ts';
import { listReleaseRecords } from '../release/records.ts';

/** A store as its namespace describes it. */
export type NamespaceReport =
  | { readonly kind: 'store'; readonly uid: string; readonly store: Omit<AdoptedStore, 'run'> }
  /** Why the store can't be adopted: one clause, shown to operators. */
  | { readonly kind: 'unusable'; readonly problem: string };

/** Reads stores from their namespaces. */
export interface StoreReader {
  /** @throws StoreError CLUSTER_UNAVAILABLE */
  read(store: StoreTarget): Promise<NamespaceReport>;
}

/** Creates the reader on the Kubernetes API. */
export function createStoreReader(deps: {
  readonly kube: Kube;
  readonly installation: string;
  /** Returns the public address of a store: scheme, host and port. */
  readonly addressOf: (store: StoreTarget) => string;
}): StoreReader {
  const { kube, installation, addressOf } = deps;
  const observeNodes = createNodeObserver({ kube, now: Date.now });

  async function read(store: StoreTarget): Promise<NamespaceReport> {
    const namespace = await readNamespace(kube, store);
    if (namespace === undefined || !belongsTo({ ...store, installation }, namespace)) {
      return unusable('the namespace does not exist, or its labels no longer name this store and this installation');
    }
    if (isTerminating(namespace)) return unusable('the namespace is terminating');
    const facts = storeFactsIn(namespace);
    if (facts === undefined) {
      return unusable('the namespace has no valid annotation store-platform.dev/store-facts; restore it');
    }
    const target: StoreTarget = {
      storeId: store.storeId,
      cluster: store.cluster,
      engine: store.engine,
      namespace: store.namespace,
      releaseName: store.releaseName,
      ...facts,
    };
    const newest = (await listReleaseRecords(kube, target))[0];
    const { chartVersion, adminPath } = engineSpec(target.engine);
    const storefront = new URL(addressOf(target));
    const readySince = readyMarkIn(namespace)?.since;
    return {
      kind: 'store',
      uid: namespace.metadata?.uid ?? '',
      store: {
        target,
        chartVersion: newest === undefined ? chartVersion : decodeReleaseSecret(newest).chartVersion,
        storefrontUrl: storefront.href,
        adminUrl: new URL(adminPath, storefront).href,
        nodes: await observeNodes(),
        createdAt: new Date(namespace.metadata?.creationTimestamp ?? Date.now()),
        readyAt: readySince === undefined ? null : new Date(readySince),
      },
    };
  }

  return { read };
}

function unusable(problem: string): NamespaceReport {
  return { kind: 'unusable', problem };
}

export interface AdoptionDependencies {
  readonly reader: StoreReader;
  readonly unaccounted: Pick<UnaccountedRecords, 'find' | 'adopt' | 'noteProblem'>;
  readonly now: () => Date;
}

/** Creates the activity that adopts a store. */
export function createAdoptionActivities({ reader, unaccounted, now }: AdoptionDependencies) {
  /**
   * Creates the record of a store again, from its namespace. Safe to repeat: a store that has a record is not changed. Acts
   * only on a decision about this very namespace. The run holds the store's workflow id, so no operation runs.
   */
  async function adoptStore({ store, run }: ActivityInput): Promise<{ readonly adopted: boolean }> {
    const { namespace } = store;
    const entry = await unaccounted.find(namespace);
    if (entry?.decision !== 'adopt') return { adopted: false };
    if (entry.adoptedAt !== null) return { adopted: true };
    const report = await reader.read(store);
    if (report.kind === 'unusable') return refuse(namespace, report.problem);
    if (report.uid !== entry.uid) return refuse(namespace, 'the namespace was created again');
    const { workflowId, runId, correlationId } = run;
    const outcome = await unaccounted.adopt({ ...report.store, run: { workflowId, runId, correlationId } }, now());
    if (outcome === 'recorded') return refuse(namespace, 'the store or another store of the namespace has a record');
    log.info('adopted a store that had no record', { namespace, storeId: store.storeId });
    return { adopted: true };
  }

  async function refuse(namespace: string, problem: string): Promise<{ readonly adopted: false }> {
    await unaccounted.noteProblem({ namespace, problem });
    log.warn('a store could not be adopted', { namespace, reason: problem });
    return { adopted: false };
  }

  return { adoptStore };
}
