import type { KubernetesObject } from '@kubernetes/client-node';
import { StoreError } from '../../domain/failure.ts';
import type { Kube } from '../adapters/kube.ts';
import { nameOf } from '../adapters/object-identity.ts';
import { pause } from '../runtime/activity-context.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

/** A claim is deleted only after the pods that use it. After this time the activity fails and is retried. */
const DELETION_TIMEOUT_MS = 30_000;
const POLL_MS = 250;

/** An object that is deleted. */
interface FailedObject {
  readonly kind: 'Job' | 'Pod' | 'PersistentVolumeClaim';
  readonly name: string;
}

/**
 * Deletes the failed objects of a release that would not recover soon. Failed Jobs and pending claims are immutable;
 * the next apply creates them again. The controllers of pods that are not ready create new ones, without the backoff of
 * the old ones. None of these objects holds data. Safe to repeat.
 *
 * @throws StoreError RELEASE_FAILED when a Job or claim still exists after 30 s
 */
export async function deleteFailedObjects(kube: Kube, { namespace }: StoreTarget): Promise<void> {
  const failed = await findFailed(kube, namespace);
  for (const { kind, name } of failed) {
    await kube.callUnless(404, `delete ${kind}/${name}`, (): Promise<unknown> => {
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

async function findFailed(kube: Kube, namespace: string): Promise<readonly FailedObject[]> {
  const { jobs, pods, claims } = await listObjects(kube, namespace);
  return [
    ...jobs.filter(({ status }) => isTrue(status?.conditions, 'Failed')).map(failedAs('Job')),
    ...pods
      .filter(({ status }) => !isTrue(status?.conditions, 'Ready') && status?.phase !== 'Succeeded')
      .map(failedAs('Pod')),
    ...claims.filter(({ status }) => status?.phase === 'Pending').map(failedAs('PersistentVolumeClaim')),
  ];
}

/**
 * Waits until the deleted Jobs and claims are gone: an apply to a terminating one would be lost. Helm applies no pods.
 */
async function awaitGone(kube: Kube, namespace: string, deleted: readonly FailedObject[]): Promise<void> {
  const applied = deleted.filter(({ kind }) => kind !== 'Pod');
  const deadline = Date.now() + DELETION_TIMEOUT_MS;
  while (applied.length > 0) {
    const { jobs, claims } = await listObjects(kube, namespace);
    const terminating = [
      ...jobs.map(terminatingAs('Job')),
      ...claims.map(terminatingAs('PersistentVolumeClaim')),
    ].flat();
    const remaining = applied.find(({ kind, name }) =>
      terminating.some((other) => other.kind === kind && other.name === name),
    );
    if (remaining === undefined) return;
    if (Date.now() >= deadline) {
      throw new StoreError(
        'RELEASE_FAILED',
        `the failed object ${remaining.kind}/${remaining.name} was not deleted within ${DELETION_TIMEOUT_MS / 1_000} s`,
      );
    }
    await pause(POLL_MS);
  }
}

async function listObjects(kube: Kube, namespace: string) {
  const [jobs, pods, claims] = await kube.call(`list the Jobs, pods and claims of ${namespace}`, () =>
    Promise.all([
      kube.batch.listNamespacedJob({ namespace }),
      kube.core.listNamespacedPod({ namespace }),
      kube.core.listNamespacedPersistentVolumeClaim({ namespace }),
    ]),
  );
  return { jobs: jobs.items, pods: pods.items, claims: claims.items };
}

function failedAs(kind: FailedObject['kind']): (object: KubernetesObject) => FailedObject {
  return (object) => ({ kind, name: nameOf(object, kind) });
}

function terminatingAs(kind: FailedObject['kind']): (object: KubernetesObject) => readonly FailedObject[] {
  return (object) => (object.metadata?.deletionTimestamp === undefined ? [] : [failedAs(kind)(object)]);
}

function isTrue(
  conditions: readonly { readonly type: string; readonly status: string }[] | undefined,
  type: string,
): boolean {
  return conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
}
