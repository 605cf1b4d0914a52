import { describe, expect, test } from '@jest/globals';
import type { V1Deployment, V1Job, V1Pod } from '@kubernetes/client-node';
import { type NamespaceObjects, snapshotOf } from './readiness-snapshot.ts';

const NOTHING: NamespaceObjects = {
  Deployment: [],
  StatefulSet: [],
  Job: [],
  PersistentVolumeClaim: [],
  Pod: [],
  Event: [],
};
const metadata = { name: 'setup' };
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
  return { metadata: { name: `${job}-1`, ownerReferences }, status: { phase: 'Running', containerStatuses } };
}

describe('a Job that its controller has not spoken of', () => {
  test.each([
    ['is complete when all containers of its pod have ended well', [podOf('setup', [0, 0])], 'complete'],
    ['runs while one of them runs', [podOf('setup', [0, undefined])], 'running'],
    ['runs, or is tried again, when one has failed', [podOf('setup', [0, 1])], 'running'],
    ['runs before its containers are made', [podOf('setup', [])], 'running'],
    ["is not judged by another Job's pod", [podOf('other', [0])], 'running'],
  ])('%s', (_, Pod, state) => {
    expect(snapshotOf({ ...NOTHING, Job: [running], Pod }).jobs).toMatchObject([{ name: 'setup', state }]);
  });

  test('is not complete with the first of several pods that it asks for', () => {
    const twice: V1Job = { metadata, spec: { template: {}, completions: 2 } };
    expect(snapshotOf({ ...NOTHING, Job: [twice], Pod: [podOf('setup', [0])] }).jobs).toMatchObject([
      { state: 'running' },
    ]);
  });

  test('has failed when its controller says so, whatever its pods are', () => {
    const failed: V1Job = { metadata, status: { conditions: [{ type: 'Failed', status: 'True' }] } };
    expect(snapshotOf({ ...NOTHING, Job: [failed], Pod: [podOf('setup', [0])] }).jobs).toMatchObject([
      { state: 'failed' },
    ]);
  });
});

describe('a Deployment that its controller has not counted as ready', () => {
  const status = { observedGeneration: 2, replicas: 1, updatedReplicas: 1 };
  const shop: V1Deployment = {
    metadata: { name: 'shop', generation: 2 },
    spec: { replicas: 1, selector: {}, template: {} },
    status,
  };

  function shopPod(hash: string, ready: boolean, { owner = 'shop', leaving = false } = {}): V1Pod {
    const name = `${owner}-${hash}`;
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name, uid: 'u', controller: true }];
    return {
      metadata: {
        name: `${name}-x`,
        labels: { 'pod-template-hash': hash },
        ownerReferences,
        ...(leaving ? { deletionTimestamp: new Date(0) } : {}),
      },
      status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
    };
  }

  test.each<[string, Partial<NonNullable<V1Deployment['status']>>, readonly V1Pod[], boolean]>([
    ['is rolled out when its pod says that it is ready', {}, [shopPod('b', true)], true],
    ['is not while its pod is not ready', {}, [shopPod('b', false)], false],
    ['is not without pods', {}, [], false],
    ["is not by another one's pod", {}, [shopPod('b', true, { owner: 'shop-admin' })], false],
    ['is not by a pod that leaves', {}, [shopPod('b', true, { leaving: true })], false],
    ['is not while pods of two forms are there', {}, [shopPod('a', true), shopPod('b', true)], false],
    ['is not while the former form is counted', { replicas: 2 }, [shopPod('b', true)], false],
    ['is not before its newest form is seen', { observedGeneration: 1 }, [shopPod('a', true)], false],
  ])('%s', (_, counted, Pod, rolledOut) => {
    const deployment = { ...shop, status: { ...status, ...counted } };
    expect(snapshotOf({ ...NOTHING, Deployment: [deployment], Pod }).workloads).toMatchObject([{ rolledOut }]);
  });

  test('is not by a ready pod that must prove itself for a while', () => {
    const careful: V1Deployment = { ...shop, spec: { selector: {}, template: {}, minReadySeconds: 5 } };
    const [fact] = snapshotOf({ ...NOTHING, Deployment: [careful], Pod: [shopPod('b', true)] }).workloads;
    expect(fact).toMatchObject({ rolledOut: false });
  });
});
