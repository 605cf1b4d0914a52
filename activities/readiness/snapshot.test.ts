import { describe, expect, test } from '@jest/globals';
import type { V1Deployment, V1Job, V1Pod, V1StatefulSet } from '@kubernetes/client-node';
import { type NamespaceObjects, snapshotOf } from './snapshot.ts';

const NOTHING: NamespaceObjects = {
  Deployment: [],
  StatefulSet: [],
  Job: [],
  PersistentVolumeClaim: [],
  Pod: [],
  Event: [],
};
const metadata = { name: 'setup', uid: 'u-setup' };
const running: V1Job = { metadata, spec: { template: {} }, status: { active: 1 } };

function podOf(job: string, exitCodes: readonly (number | undefined)[]): V1Pod {
  const ownerReferences = [{ apiVersion: 'batch/v1', kind: 'Job', name: job, uid: 'u', controller: true }];
  const containerStatuses = exitCodes.map((exitCode, index) => ({
    name: `step-${index}`,
    image: '',
    imageID: '',
    ready: false,
    restartCount: 0,
    state: exitCode === undefined ? { running: {} } : { terminated: { exitCode } },
  }));
  return {
    metadata: { name: `${job}-1`, uid: `u-${job}-1`, ownerReferences },
    status: { phase: 'Running', containerStatuses },
  };
}

describe('a Job without a condition', () => {
  test.each([
    ['is complete when all containers of its pod have exited with code 0', [podOf('setup', [0, 0])], 'complete'],
    ['runs while a container runs', [podOf('setup', [0, undefined])], 'running'],
    ['runs when a container has failed: the pod may be retried', [podOf('setup', [0, 1])], 'running'],
    ['runs before its containers are created', [podOf('setup', [])], 'running'],
    ["is not complete by another Job's pod", [podOf('other', [0])], 'running'],
  ])('%s', (_, Pod, state) => {
    expect(snapshotOf({ ...NOTHING, Job: [running], Pod }).jobs).toMatchObject([{ name: 'setup', state }]);
  });

  test('is not complete with the first of several completions', () => {
    const twice: V1Job = { metadata, spec: { template: {}, completions: 2 } };
    expect(snapshotOf({ ...NOTHING, Job: [twice], Pod: [podOf('setup', [0])] }).jobs).toMatchObject([
      { state: 'running' },
    ]);
  });

  test('has failed by its condition, even when a pod has succeeded', () => {
    const failed: V1Job = { metadata, status: { conditions: [{ type: 'Failed', status: 'True' }] } };
    expect(snapshotOf({ ...NOTHING, Job: [failed], Pod: [podOf('setup', [0])] }).jobs).toMatchObject([
      { state: 'failed' },
    ]);
  });
});

describe('a Job whose pod has a container that an admission webhook added', () => {
  const containers = [{ name: 'step-0' }];
  const job: V1Job = { metadata, spec: { template: { spec: { containers } } }, status: { active: 1 } };
  const withMesh = (exitCode: number | undefined): V1Pod => {
    const pod = podOf('setup', [exitCode]);
    const mesh = { name: 'mesh', image: '', imageID: '', ready: true, restartCount: 0, state: { running: {} } };
    pod.status?.containerStatuses?.push(mesh);
    return pod;
  };

  test('is complete when its own containers have exited with code 0', () => {
    const snapshot = snapshotOf({ ...NOTHING, Job: [job], Pod: [withMesh(0)] });
    expect(snapshot.jobs).toMatchObject([{ state: 'complete' }]);
    expect(snapshot.pods).toMatchObject([{ finished: true }]);
  });

  test.each([undefined, 1])('runs while its own container has the exit code %p', (exitCode) => {
    const { jobs } = snapshotOf({ ...NOTHING, Job: [job], Pod: [withMesh(exitCode)] });
    expect(jobs).toMatchObject([{ state: 'running' }]);
  });

  test('names that container when it fails, and ends the list of containers with its own', () => {
    const conditions = [{ type: 'FailureTarget', status: 'True', message: 'active longer than specified deadline' }];
    const snapshot = snapshotOf({
      ...NOTHING,
      Job: [Object.assign({}, job, { status: { conditions } })],
      Pod: [withMesh(1)],
    });
    expect(snapshot.jobs).toMatchObject([
      {
        state: 'failed',
        message: expect.stringMatching(/^active longer than specified deadline; the container mesh did not end/),
      },
    ]);
    expect(snapshot.pods[0]?.containers.map(({ name }) => name)).toEqual(['mesh', 'step-0']);
  });
});

describe('a Deployment whose status counts no ready pod', () => {
  interface Seed {
    readonly counted?: V1Deployment['status'];
    readonly minReadySeconds?: number;
    readonly Pod: readonly V1Pod[];
  }

  function isRolledOut({ counted, minReadySeconds = 0, Pod }: Seed): boolean | undefined {
    const shop: V1Deployment = {
      metadata: { name: 'shop', uid: 'u-shop', generation: 2 },
      spec: { replicas: 1, selector: {}, template: {}, minReadySeconds },
      status: counted ?? { observedGeneration: 2, replicas: 1, updatedReplicas: 1 },
    };
    return snapshotOf({ ...NOTHING, Deployment: [shop], Pod }).workloads[0]?.rolledOut;
  }

  function podOfTemplate(template: string, ready: boolean, { owner = 'shop', terminating = false } = {}): V1Pod {
    const name = `${owner}-${template}`;
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name, uid: 'u', controller: true }];
    const labels = { 'pod-template-hash': template };
    return {
      metadata: {
        name: `${name}-x`,
        uid: `u-${name}-x`,
        labels,
        ownerReferences,
        ...(terminating ? { deletionTimestamp: new Date(0) } : {}),
      },
      status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
    };
  }

  test('is rolled out when its pod is ready', () => {
    expect(isRolledOut({ Pod: [podOfTemplate('b', true)] })).toBe(true);
  });

  test.each<[string, Seed]>([
    ['while its pod is not ready', { Pod: [podOfTemplate('b', false)] }],
    ['without pods', { Pod: [] }],
    ['by the pod of another Deployment', { Pod: [podOfTemplate('b', true, { owner: 'shop-admin' })] }],
    ['by a pod that terminates', { Pod: [podOfTemplate('b', true, { terminating: true })] }],
    ['while it has pods of two templates', { Pod: [podOfTemplate('a', true), podOfTemplate('b', true)] }],
    [
      'while its status counts pods of the earlier template',
      { counted: { observedGeneration: 2, replicas: 2, updatedReplicas: 1 }, Pod: [podOfTemplate('b', true)] },
    ],
    [
      'before its controller has observed the newest generation',
      { counted: { observedGeneration: 1, replicas: 1, updatedReplicas: 1 }, Pod: [podOfTemplate('a', true)] },
    ],
    ['by a ready pod within minReadySeconds', { minReadySeconds: 5, Pod: [podOfTemplate('b', true)] }],
  ])('is not rolled out %s', (_, seed) => {
    expect(isRolledOut(seed)).toBe(false);
  });
});

describe('a StatefulSet whose status counts two ready pods', () => {
  function podOfSet(index: number, ready: boolean, set = 'web'): V1Pod {
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: set, uid: 'u', controller: true }];
    return {
      metadata: { name: `${set}-${index}`, uid: `u-${set}-${index}`, ownerReferences },
      status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
    };
  }

  test.each([
    ['is rolled out when both pods were seen ready', [podOfSet(0, true), podOfSet(1, true)], true],
    ['is not rolled out before its second pod was seen', [podOfSet(0, true)], false],
    ['is not rolled out while its second pod was not seen ready', [podOfSet(0, true), podOfSet(1, false)], false],
    ['is not rolled out by the pod of another StatefulSet', [podOfSet(0, true), podOfSet(0, true, 'db')], false],
  ])('%s', (_, Pod, rolledOut) => {
    const web: V1StatefulSet = {
      metadata: { name: 'web', uid: 'u-web', generation: 1 },
      spec: { replicas: 2, selector: {}, template: {}, serviceName: 'web' },
      status: { observedGeneration: 1, replicas: 2, readyReplicas: 2, updatedReplicas: 2 },
    };
    expect(snapshotOf({ ...NOTHING, StatefulSet: [web], Pod }).workloads).toMatchObject([{ rolledOut }]);
  });
});

test('a write of the specification counts as its last change, and a write of the status does not', () => {
  const written = (time: string, subresource?: string) => ({
    manager: 'm',
    operation: 'Apply',
    time: new Date(time),
    ...(subresource === undefined ? {} : { subresource }),
  });
  const Job: readonly V1Job[] = [
    {
      metadata: {
        ...metadata,
        creationTimestamp: new Date('2026-01-01T00:00:00Z'),
        managedFields: [written('2026-01-01T00:01:00Z'), written('2026-01-01T00:02:00Z', 'status')],
      },
      spec: { template: {} },
    },
  ];
  expect(snapshotOf({ ...NOTHING, Job }).jobs).toMatchObject([{ specChangedMs: Date.parse('2026-01-01T00:01:00Z') }]);
});

test('the condition of an earlier generation of a Deployment is no failure', () => {
  const failing = (observedGeneration: number): V1Deployment => ({
    metadata: { name: 'shop', uid: 'u', generation: 2 },
    spec: { selector: {}, template: {} },
    status: { observedGeneration, conditions: [{ type: 'ReplicaFailure', status: 'True', message: 'over quota' }] },
  });
  const failureOf = (deployment: V1Deployment) =>
    snapshotOf({ ...NOTHING, Deployment: [deployment] }).workloads[0]?.replicaFailure;
  expect(failureOf(failing(1))).toBeNull();
  expect(failureOf(failing(2))).toMatchObject({ message: 'over quota' });
});

test('an event names its object by UID, and its container', () => {
  const involvedObject = { kind: 'Pod', name: 'web-1', uid: 'u', fieldPath: 'spec.initContainers{wait}' };
  const Event = [{ metadata: {}, involvedObject, reason: 'Failed', message: 'm' }];
  expect(snapshotOf({ ...NOTHING, Event }).events).toMatchObject([{ uid: 'u', container: 'wait' }]);
});
