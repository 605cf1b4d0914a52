import { describe, expect, test } from '@jest/globals';
import type { V1Deployment, V1Job, V1Pod } from '@kubernetes/client-node';
import { type NamespaceObjects, snapshotOf } from './snapshot.ts';

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
  interface Seed {
    readonly counted?: V1Deployment['status'];
    readonly minReadySeconds?: number;
    readonly Pod: readonly V1Pod[];
  }

  function isRolledOut({ counted, minReadySeconds = 0, Pod }: Seed): boolean | undefined {
    const shop: V1Deployment = {
      metadata: { name: 'shop', generation: 2 },
      spec: { replicas: 1, selector: {}, template: {}, minReadySeconds },
      status: counted ?? { observedGeneration: 2, replicas: 1, updatedReplicas: 1 },
    };
    return snapshotOf({ ...NOTHING, Deployment: [shop], Pod }).workloads[0]?.rolledOut;
  }

  function podOfForm(form: string, ready: boolean, { owner = 'shop', leaving = false } = {}): V1Pod {
    const name = `${owner}-${form}`;
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name, uid: 'u', controller: true }];
    const labels = { 'pod-template-hash': form };
    return {
      metadata: { name: `${name}-x`, labels, ownerReferences, ...(leaving ? { deletionTimestamp: new Date(0) } : {}) },
      status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
    };
  }

  test('is rolled out when its pod says that it is ready', () => {
    expect(isRolledOut({ Pod: [podOfForm('b', true)] })).toBe(true);
  });

  test.each<[string, Seed]>([
    ['while its pod is not ready', { Pod: [podOfForm('b', false)] }],
    ['without pods', { Pod: [] }],
    ["by another one's pod", { Pod: [podOfForm('b', true, { owner: 'shop-admin' })] }],
    ['by a pod that leaves', { Pod: [podOfForm('b', true, { leaving: true })] }],
    ['while pods of two forms are there', { Pod: [podOfForm('a', true), podOfForm('b', true)] }],
    [
      'while its former form is counted',
      { counted: { observedGeneration: 2, replicas: 2, updatedReplicas: 1 }, Pod: [podOfForm('b', true)] },
    ],
    [
      'before its newest form is seen',
      { counted: { observedGeneration: 1, replicas: 1, updatedReplicas: 1 }, Pod: [podOfForm('a', true)] },
    ],
    ['by a ready pod that must stay so for a while', { minReadySeconds: 5, Pod: [podOfForm('b', true)] }],
  ])('is not %s', (_, seed) => {
    expect(isRolledOut(seed)).toBe(false);
  });
});
