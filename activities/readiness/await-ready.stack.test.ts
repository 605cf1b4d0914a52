import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { PatchStrategy, setHeaderOptions, type V1Pod } from '@kubernetes/client-node';
import { CancelledFailure } from '@temporalio/activity';
import { type FailureCode, StoreError } from '../../domain/failure.ts';
import {
  activityEnvironment,
  asActivity,
  clusterInput,
  openTestCluster,
  type TestCluster,
} from '../../test/harness/platform/cluster-activities.ts';
import { eventually } from '../../test/harness/eventually.ts';
import type { ConditionReport } from '../../domain/store/conditions.ts';
import type { Kube } from '../adapters/kube.ts';
import type { ActivityInput, AwaitReadyInput } from '../../domain/operations/inputs.ts';
import type { ReadinessSummary } from '../../domain/operations/outcomes.ts';

/** No node has this label: the pods stay pending, and the tests write their status. */
const UNSCHEDULABLE = { nodeSelector: { nowhere: 'true' } };

let cluster: TestCluster;
let input: ActivityInput;
beforeAll(async () => {
  cluster = await openTestCluster();
});
beforeEach(async () => {
  input = clusterInput();
  const { ensureNamespace, ensureSecrets } = cluster.activities();
  await asActivity(ensureNamespace, input);
  await asActivity(ensureSecrets, input);
});
afterEach(() => asActivity(cluster.activities().deleteNamespace, input));

/** Installs the chart with these values and waits for it, with a clock that runs `aheadMs` ahead. */
async function installAndAwait(
  values: Readonly<Record<string, unknown>>,
  options: { readonly aheadMs?: number; readonly readyDeadlineMs?: number } & Pick<
    AwaitReadyInput,
    'goal' | 'sinceMs'
  > = {},
): Promise<ReadinessSummary> {
  const { aheadMs = 0, readyDeadlineMs = 120_000, ...how } = options;
  const activities = cluster.activities({ values, readyDeadlineMs, now: () => Date.now() + aheadMs });
  const { revision } = await asActivity(activities.ensureRelease, input);
  return asActivity(activities.awaitReady, { ...input, ...how, revision });
}

/** Writes the status of a pod in place of its kubelet. */
async function report(labelSelector: string, status: V1Pod['status']): Promise<void> {
  const { namespace } = input.store;
  await eventually(async () => {
    const [pod] = (await cluster.kube.core.listNamespacedPod({ namespace, labelSelector })).items;
    const name = pod?.metadata?.name;
    if (pod === undefined || name === undefined) return false;
    pod.status = Object.assign(pod.status ?? {}, status);
    return cluster.kube.core.replaceNamespacedPodStatus({ name, namespace, body: pod });
  });
}

/** Writes the event about failed pulls in place of a kubelet. */
async function reportFailedPulls(labelSelector: string, count: number): Promise<void> {
  const { namespace } = input.store;
  await eventually(async () => {
    const { metadata } = (await cluster.kube.core.listNamespacedPod({ namespace, labelSelector })).items[0] ?? {};
    if (metadata?.name === undefined || metadata.uid === undefined) return false;
    const { name, uid } = metadata;
    const at = new Date();
    await cluster.kube.core.createNamespacedEvent({
      namespace,
      body: {
        metadata: { name: `${name}.pull` },
        involvedObject: { kind: 'Pod', namespace, name, uid, fieldPath: 'spec.containers{main}' },
        reason: 'Failed',
        message: 'Failed to pull image "x": rpc error: code = NotFound desc = x: not found',
        type: 'Warning',
        count,
        firstTimestamp: at,
        lastTimestamp: at,
      },
    });
    return true;
  });
}

function waitingContainer(reason: string, restartCount = 0): V1Pod['status'] {
  const state = { waiting: { reason, message: `${reason} of some image` } };
  return { containerStatuses: [{ name: 'main', image: 'x', imageID: '', ready: false, restartCount, state }] };
}

function failsWith(code: FailureCode, object: unknown) {
  return { code, evidence: { object } };
}

test('a store is ready when its pods run, its Job is complete and its volume is bound, also for a second call', async () => {
  const ready = { pods: 1, volumes: 1, jobs: 1 };
  expect(await installAndAwait({})).toEqual(ready);
  expect(await installAndAwait({})).toEqual(ready);
});

test('waits for a StatefulSet as for a Deployment', async () => {
  expect(await installAndAwait({ statefulSet: true, replicas: 2 })).toMatchObject({ pods: 2 });
});

test('the goal checkout is reached before all workloads are ready, but not after the deadline', async () => {
  const background = { ...UNSCHEDULABLE, job: false, requiredForCheckout: false };
  expect(await installAndAwait(background, { goal: 'checkout' })).toMatchObject({
    volumes: 1,
    unfinished: ['Deployment/web (0 of 1 ready)'],
  });
  const late = installAndAwait(background, { readyDeadlineMs: 60_000, sinceMs: Date.now() - 60_000 });
  await expect(late).rejects.toMatchObject({ code: 'READY_DEADLINE_EXCEEDED' });
});

test('a release whose newest revision is not the awaited one is not ready', async () => {
  const { awaitReady } = cluster.activities();
  await expect(asActivity(awaitReady, { ...input, revision: 1 })).rejects.toMatchObject({ code: 'RELEASE_MISMATCH' });
});

describe('becomes ready, and shows the delay before it,', () => {
  test('when a node can take the pods only later', async () => {
    const conditions: ConditionReport[] = [];
    const activities = cluster.activities({
      values: { nodeSelector: { [input.store.releaseName]: 'late' }, job: false, volume: false },
      setCondition: async ({ condition }) => conditions.push(condition),
    });
    const { revision } = await asActivity(activities.ensureRelease, input);
    const waiting = asActivity(activities.awaitReady, { ...input, revision });
    await eventually(async () => conditions.length > 0);
    expect(conditions).toMatchObject([{ type: 'ReadinessDelayed', status: 'True', reason: 'Unschedulable' }]);
    const [node] = (await cluster.kube.core.listNode()).items;
    const name = node?.metadata?.name ?? '';
    const label = (value: string | null) =>
      cluster.kube.core.patchNode(
        { name, body: { metadata: { labels: { [input.store.releaseName]: value } } } },
        setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
      );
    await label('late');
    expect(await waiting).toMatchObject({ pods: 1 });
    await label(null);
    expect(conditions.at(-1)).toMatchObject({ type: 'ReadinessDelayed', status: 'False' });
  });
});

describe('fails with evidence on', () => {
  test('an image that the registry refused twice', async () => {
    const refused = expect(installAndAwait(UNSCHEDULABLE)).rejects.toMatchObject(
      failsWith('IMAGE_PULL_FAILED', expect.stringMatching(/^Pod\/web-/)),
    );
    await reportFailedPulls('app=web', 2);
    await report('app=web', waitingContainer('ImagePullBackOff'));
    await refused;
  });

  test('a container that keeps crashing', async () => {
    const refused = expect(installAndAwait(UNSCHEDULABLE)).rejects.toMatchObject(
      failsWith('CRASH_LOOP', expect.stringMatching(/^Pod\/web-/)),
    );
    await report('app=web', waitingContainer('CrashLoopBackOff', 3));
    await refused;
  });

  test('a pod that exceeds the quota', async () => {
    const refused = installAndAwait({ cpu: '100' });
    await expect(refused).rejects.toMatchObject(failsWith('NAMESPACE_QUOTA_EXCEEDED', expect.stringContaining('/')));
  });

  test('a pod of a StatefulSet that exceeds the quota, which only events report', async () => {
    const refused = installAndAwait({ cpu: '100', statefulSet: true, job: false });
    await expect(refused).rejects.toMatchObject({
      code: 'NAMESPACE_QUOTA_EXCEEDED',
      evidence: { object: 'StatefulSet/web', events: [expect.stringContaining('exceeded quota')] },
    });
  });

  test('a pod that admission rejects', async () => {
    const refused = installAndAwait({ privileged: true, job: false });
    await expect(refused).rejects.toMatchObject(failsWith('ADMISSION_REFUSED', 'Deployment/web'));
  });

  test('a pod that no node can schedule', async () => {
    const refused = installAndAwait({ ...UNSCHEDULABLE, job: false }, { readyDeadlineMs: 12_000 });
    await expect(refused).rejects.toMatchObject({
      code: 'UNSCHEDULABLE',
      evidence: { object: expect.stringMatching(/^Pod\//), events: [expect.stringContaining('FailedScheduling')] },
    });
  });

  test('a volume without a provisioner', async () => {
    const refused = installAndAwait({ storageClass: 'missing' }, { readyDeadlineMs: 12_000 });
    await expect(refused).rejects.toMatchObject(failsWith('VOLUME_PENDING', 'PersistentVolumeClaim/data'));
  });

  test('a Job that failed', async () => {
    const refused = expect(installAndAwait(UNSCHEDULABLE)).rejects.toMatchObject(
      failsWith('JOB_FAILED', 'Job/setup-1'),
    );
    await report('job-name=setup-1', { phase: 'Failed' });
    await refused;
  });

  test('the deadline, and names the objects that are not ready', async () => {
    const late = installAndAwait(UNSCHEDULABLE, { readyDeadlineMs: 0 });
    await expect(late).rejects.toMatchObject({
      code: 'READY_DEADLINE_EXCEEDED',
      publicMessage: expect.stringContaining('Deployment/web (0 of 1 ready)'),
    });
  });
});

test('no value of the Secret is part of the failure', async () => {
  const { namespace } = input.store;
  const { data } = await cluster.kube.core.readNamespacedSecret({ name: 'store-secrets', namespace });
  const password = Buffer.from(data?.['db-password'] ?? '', 'base64').toString();
  const failure = installAndAwait(UNSCHEDULABLE).catch(String);
  const status = waitingContainer('InvalidImageName');
  const [container] = status?.containerStatuses ?? [];
  if (container?.state?.waiting) container.state.waiting.message = `cannot pull with ${password}`;
  await report('app=web', status);
  expect(await failure).toContain('cannot pull with [redacted]');
  expect(await failure).not.toContain(password);
});

test('a later attempt keeps the deadline of the first one', async () => {
  const activities = cluster.activities({ values: UNSCHEDULABLE });
  const { revision } = await asActivity(activities.ensureRelease, input);
  const heartbeatDetails = { startedAtMs: 1, deadlineMs: 2, revision };
  const waiting = asActivity(activities.awaitReady, { ...input, revision }, { heartbeatDetails });
  await expect(waiting).rejects.toMatchObject({ code: 'READY_DEADLINE_EXCEEDED' });
});

test('a cluster that does not answer is retried until the deadline', async () => {
  const down: Kube = {
    ...cluster.kube,
    call: () => Promise.reject(new StoreError('CLUSTER_UNAVAILABLE', 'the Kubernetes API did not answer')),
  };
  const waitWith = (readyDeadlineMs: number) =>
    asActivity(cluster.activities({ kube: down, readyDeadlineMs }).awaitReady, { ...input, revision: 1 });
  await expect(waitWith(60_000)).rejects.toMatchObject({ code: 'CLUSTER_UNAVAILABLE' });
  await expect(waitWith(0)).rejects.toMatchObject({ code: 'READY_DEADLINE_EXCEEDED' });
});

test('reports its progress in heartbeats and stops when it is cancelled', async () => {
  const activities = cluster.activities({ values: UNSCHEDULABLE });
  const { revision } = await asActivity(activities.ensureRelease, input);
  const environment = activityEnvironment();
  let reported: unknown;
  environment.on('heartbeat', (details) => (reported = details));
  const waiting = environment.run(activities.awaitReady, { ...input, revision });
  const stopped = expect(waiting).rejects.toThrow(CancelledFailure);
  const progress = { podsReady: 0, pods: 2, volumes: 1, jobs: 1, waitingFor: expect.any(Array) };
  await eventually(() => (expect(reported).toMatchObject(progress), true));
  environment.cancel();
  await stopped;
});
