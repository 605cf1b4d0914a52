import type { KubernetesObject } from '@kubernetes/client-node';
import { StoreError } from '../../domain/failure.ts';
import type { StoreTarget } from '../../domain/operations/types.ts';
import type { Kube } from '../adapters/kube.ts';
import { nameOf } from '../adapters/object-identity.ts';
import { pause } from '../runtime/activity-context.ts';

/** Pods that used a claim must go first; what takes longer than this is in someone's way and is tried again. */
const GONE_WITHIN_MS = 30_000;
const POLL_MS = 250;

/** An object as far as its removal is concerned. */
interface Removable {
  readonly kind: 'Job' | 'Pod' | 'PersistentVolumeClaim';
  readonly name: string;
}

/**
 * Removes what of a release has failed and would not try again by itself soon: Jobs past their backoff limit and claims
 * that never got a volume, which the next apply makes anew (their specs could not be changed), and pods that are not
 * ready, whose controllers make them anew without the long waits that Kubernetes puts between tries. None of it holds
 * data. Safe to repeat.
 *
 * @throws StoreError RELEASE_FAILED when something does not go
 */
export async function deleteFailedObjects(kube: Kube, { namespace }: StoreTarget): Promise<void> {
  const failed = await findFailed(kube, namespace);
  for (const { kind, name } of failed) {
    await kube.callUnless(404, `remove ${kind}/${name}`, (): Promise<unknown> => {
      if (kind === 'Job') {
        return kube.batch.deleteNamespacedJob({ name, namespace, propagationPolicy: 'Background' });
      }
      return kind === 'Pod'
        ? kube.core.deleteNamespacedPod({ name, namespace })
        : kube.core.deleteNamespacedPersistentVolumeClaim({ name, namespace });
    });
  }
  await awaitGone(kube, namespace, failed);
}

async function findFailed(kube: Kube, namespace: string): Promise<readonly Removable[]> {
  const { jobs, pods, claims } = await look(kube, namespace);
  return [
    ...jobs.filter(({ status }) => isTrue(status?.conditions, 'Failed')).map(named('Job')),
    ...pods
      .filter(({ status }) => !isTrue(status?.conditions, 'Ready') && status?.phase !== 'Succeeded')
      .map(named('Pod')),
    ...claims.filter(({ status }) => status?.phase === 'Pending').map(named('PersistentVolumeClaim')),
  ];
}

/** An apply that met a Job or claim on its way out would leave the release without it. Pods are nobody's to apply. */
async function awaitGone(kube: Kube, namespace: string, removed: readonly Removable[]): Promise<void> {
  const applied = removed.filter(({ kind }) => kind !== 'Pod');
  const deadline = Date.now() + GONE_WITHIN_MS;
  while (applied.length > 0) {
    const { jobs, claims } = await look(kube, namespace);
    const going = [...jobs.map(leaving('Job')), ...claims.map(leaving('PersistentVolumeClaim'))].flat();
    const left = applied.find(({ kind, name }) => going.some((other) => other.kind === kind && other.name === name));
    if (left === undefined) return;
    if (Date.now() >= deadline) {
      throw new StoreError('RELEASE_FAILED', `${left.kind}/${left.name} failed and does not go away`);
    }
    await pause(POLL_MS);
  }
}

async function look(kube: Kube, namespace: string) {
  const [jobs, pods, claims] = await kube.call(`look for what has failed in ${namespace}`, () =>
    Promise.all([
      kube.batch.listNamespacedJob({ namespace }),
      kube.core.listNamespacedPod({ namespace }),
      kube.core.listNamespacedPersistentVolumeClaim({ namespace }),
    ]),
  );
  return { jobs: jobs.items, pods: pods.items, claims: claims.items };
}

function named(kind: Removable['kind']): (object: KubernetesObject) => Removable {
  return (object) => ({ kind, name: nameOf(object, kind) });
}

function leaving(kind: Removable['kind']): (object: KubernetesObject) => readonly Removable[] {
  return (object) => (object.metadata?.deletionTimestamp === undefined ? [] : [named(kind)(object)]);
}

function isTrue(
  conditions: readonly { readonly type: string; readonly status: string }[] | undefined,
  type: string,
): boolean {
  return conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
}
