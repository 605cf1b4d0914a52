import { describe, expect, test } from '@jest/globals';
import type { V1Job, V1Pod } from '@kubernetes/client-node';
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
