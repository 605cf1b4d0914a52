import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { KubernetesObject } from '@kubernetes/client-node';
import type { ActivityInput } from '../../domain/operations/inputs.ts';
import {
  asActivity,
  clusterInput,
  openTestCluster,
  ownedInTest,
  type TestCluster,
} from '../../test/harness/platform/cluster-activities.ts';
import { eventually } from '../../test/harness/eventually.ts';
import type { ClusterActivities } from '../../domain/ports/cluster.ts';
import type { Kube } from '../adapters/kube.ts';
import { referenceOf } from '../adapters/object-identity.ts';
import { inspectStore } from './drift-inspection.ts';

/** The quota has amounts that are no whole numbers of CPUs or gibibytes. */
const EXTRA = { cpuMillis: 10, memoryMebibytes: 50 };

let cluster: TestCluster;
let activities: ClusterActivities;
let input: ActivityInput;
let requests: string[];
let kube: Kube;

beforeAll(async () => {
  cluster = await openTestCluster();
  activities = cluster.activities({ extraPerPod: EXTRA });
  input = clusterInput();
  for (const step of [activities.ensureNamespace, activities.ensureSecrets, activities.ensureRelease]) {
    await asActivity<ActivityInput, unknown>(step, input);
  }
  kube = recording(cluster.kube);
});
beforeEach(() => {
  requests = [];
});
afterAll(() => asActivity(activities.deleteNamespace, input));

/** Returns a client that records the requests for single objects and the lists by kind. */
function recording(real: Kube): Kube {
  return {
    ...real,
    listCached: (kind, namespace) => {
      requests.push(`list ${kind.kind}`);
      return real.listCached(kind, namespace);
    },
    read: (object) => {
      requests.push(`read ${referenceOf(object)}`);
      return real.read(object);
    },
    tryApply: <T extends KubernetesObject>(object: T) => {
      requests.push(`try ${referenceOf(object)}`);
      return real.tryApply(object);
    },
  };
}

/** Waits until the cache of the API server has the objects of the store. */
function inspected(expected: number) {
  return eventually(async () => {
    requests = [];
    const options = { releasesOf: async () => [], extraPerPod: EXTRA };
    const { deviations } = await inspectStore(kube, ownedInTest(input.store), options);
    return deviations.length === expected && requests.length < 20 ? deviations : undefined;
  });
}

test('lists each kind once and reads no object of a store without drift but its namespace', async () => {
  expect(await inspected(0)).toEqual([]);
  const lists = requests.filter((request) => request.startsWith('list'));
  expect(lists.toSorted()).toEqual([
    'list Deployment',
    'list LimitRange',
    'list NetworkPolicy',
    'list PersistentVolumeClaim',
    'list ResourceQuota',
    'list Service',
  ]);
  expect(requests.filter((request) => !request.startsWith('list'))).toEqual([
    `read Namespace/${input.store.namespace}`,
  ]);
});

test('finds a quota without the room that the setting asks for', async () => {
  const options = { releasesOf: async () => [], extraPerPod: { cpuMillis: 0, memoryMebibytes: 1_024 } };
  const { deviations } = await inspectStore(kube, ownedInTest(input.store), options);
  expect(deviations.map(({ drifted }) => drifted)).toMatchObject([
    { object: 'ResourceQuota/store-quota', state: 'changed', needsPerson: null },
  ]);
});

test('finds an object that is gone and one that was changed', async () => {
  const { namespace } = input.store;
  await cluster.kube.core.deleteNamespacedService({ name: 'web', namespace });
  await cluster.kube.core.deleteNamespacedLimitRange({ name: 'store-limits', namespace });
  const deviations = await inspected(2);
  expect(deviations.map(({ drifted }) => drifted)).toMatchObject([
    { object: 'LimitRange/store-limits', state: 'missing' },
    { object: 'Service/web', state: 'missing' },
  ]);
});
