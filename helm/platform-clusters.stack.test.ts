import { describe, expect, test } from '@jest/globals';
import type { KubernetesObject, V1EnvVar } from '@kubernetes/client-node';
import type { JsonObject } from '../activities/release/values.ts';
import { helm, PLATFORM_CHART, renderPlatform, REQUIRED_VALUES } from '../test/harness/platform/platform-chart.ts';
import { INSTALLATION } from '../test/harness/platform/platform-values.ts';
import { podTemplatesOf } from '../test/harness/platform/rendered-chart.ts';

/** Tests how the chart of the platform installs an installation with several clusters. */

const WORKERS_ONLY: JsonObject = {
  ...REQUIRED_VALUES,
  workersOnly: true,
  installationId: INSTALLATION,
  settings: { CLUSTER_NAME: 'eu-1' },
};
const VERSIONED = { versioning: { enabled: true, buildId: 'v2' } };

async function containerOf(values: JsonObject, component: string) {
  const { objects, problem } = await renderPlatform(values);
  expect(problem).toBe('');
  const pods = podTemplatesOf(objects).find(({ owner }) => owner.endsWith(component));
  return { spec: pods?.spec, container: pods?.spec.containers[0], env: valuesOf(pods?.spec.containers[0]?.env) };
}

function valuesOf(env: readonly V1EnvVar[] = []) {
  return Object.fromEntries(env.map(({ name, value }) => [name, value]));
}

function namesOf(objects: readonly KubernetesObject[]) {
  return objects.map(({ kind, metadata }) => `${kind}/${metadata?.name}`).toSorted();
}

describe('a release with workers only', () => {
  test('has the workers, their rights, and an account that may read credentials', async () => {
    const { objects, problem } = await renderPlatform(WORKERS_ONLY);
    expect(problem).toBe('');
    expect(namesOf(objects)).toEqual([
      'ClusterRole/platform-system-store-platform-api',
      'ClusterRole/platform-system-store-platform-worker',
      'ClusterRoleBinding/platform-system-store-platform-api',
      'ClusterRoleBinding/platform-system-store-platform-worker',
      'Deployment/store-platform-worker',
      'NetworkPolicy/store-platform-worker',
      'PodDisruptionBudget/store-platform-worker',
      'ServiceAccount/store-platform-api',
      'ServiceAccount/store-platform-worker',
      'ValidatingAdmissionPolicy/platform-system-store-platform-worker',
      'ValidatingAdmissionPolicyBinding/platform-system-store-platform-worker',
    ]);
  });

  test('gives the API no account without the right to read credentials', async () => {
    const { objects } = await renderPlatform({ ...WORKERS_ONLY, api: { credentials: false } });
    expect(namesOf(objects).filter((name) => name.endsWith('-api'))).toEqual([]);
  });

  test('runs workers of its cluster and of the same worker deployment', async () => {
    const { env } = await containerOf({ ...WORKERS_ONLY, worker: { ...VERSIONED, replicas: 1 } }, '');
    expect(env).toMatchObject({
      CLUSTER_NAME: 'eu-1',
      KUBE_CONTEXT: 'in-cluster',
      INSTALLATION_ID: INSTALLATION,
      WORKER_DEPLOYMENT: 'platform-system-store-platform',
      WORKER_BUILD_ID: 'v2',
    });
  });

  test('leaves the promotion of a version to the release with the API', async () => {
    const { objects } = await renderPlatform({ ...WORKERS_ONLY, worker: VERSIONED });
    expect(namesOf(objects).filter((name) => name.includes('promotion'))).toEqual([]);
  });

  test('names its cluster in the notes, and no object that it does not have', async () => {
    const { stdout } = await helm(['install', 'x', PLATFORM_CHART, '--dry-run=client'], {
      ...WORKERS_ONLY,
      worker: VERSIONED,
    });
    const notes = stdout.slice(stdout.indexOf('NOTES:'));
    expect(notes).toContain('The workers of the cluster eu-1 are starting');
    expect(notes).not.toMatch(/x-api|promot/);
  });

  test.each([
    ['without a name for its cluster', { settings: {} }, 'needs settings.CLUSTER_NAME'],
    ['with the Worker Controller', { worker: { controller: { enabled: true } } }, 'exclude each other'],
    ['with an Ingress', { ingress: { enabled: true } }, 'excludes ingress'],
    ['with the test', { tests: { tokenSecret: 'token' } }, 'excludes ingress, httpRoute and tests'],
  ])('is refused %s', async (_what, overlay, complaint) => {
    expect((await renderPlatform({ ...WORKERS_ONLY, ...overlay })).problem).toContain(complaint);
  });
});

describe('a release with the API', () => {
  const otherClusters = { kubeconfigSecret: 'clusters', contexts: { 'us-1': 'us', 'eu-1': 'eu-1' } };

  test('reads the credentials of other clusters with the contexts of a kubeconfig in a Secret', async () => {
    const { spec, container, env } = await containerOf({ ...REQUIRED_VALUES, api: { otherClusters } }, '-api');
    expect(env).toMatchObject({
      CLUSTER_CONTEXTS: 'eu-1=eu-1,us-1=us',
      KUBECONFIG: '/etc/clusters/kubeconfig',
      KUBE_CONTEXT: 'in-cluster',
    });
    expect(container?.volumeMounts).toContainEqual({ name: 'clusters', mountPath: '/etc/clusters', readOnly: true });
    expect(spec?.volumes).toContainEqual({
      name: 'clusters',
      secret: { secretName: 'clusters', defaultMode: 0o440, items: [{ key: 'kubeconfig', path: 'kubeconfig' }] },
    });
  });

  test('reads them without the right to read those of its own cluster', async () => {
    const api = { credentials: false, otherClusters };
    const { objects } = await renderPlatform({ ...REQUIRED_VALUES, api });
    const policy = objects.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata?.name?.endsWith('-api'));
    expect(JSON.stringify(policy)).toContain('6443');
    const { spec } = await containerOf({ ...REQUIRED_VALUES, api }, '-api');
    expect(spec?.automountServiceAccountToken).toBe(false);
  });

  test('promotes a version once the workers of all clusters poll', async () => {
    const worker = { versioning: { ...VERSIONED.versioning, promotion: { otherClusters: ['eu-1', 'us-1'] } } };
    const { container } = await containerOf({ ...REQUIRED_VALUES, worker }, '-promotion');
    expect(container?.command?.slice(2)).toEqual([
      '--timeout=240',
      '--cluster=default',
      '--cluster=eu-1',
      '--cluster=us-1',
    ]);
  });

  test.each([
    ['contexts without a Secret', { contexts: { 'eu-1': 'eu-1' } }, 'api.otherClusters.kubeconfigSecret is not set'],
    ['a name that no cluster can have', { kubeconfigSecret: 'c', contexts: { EU: 'eu' } }, 'EU'],
  ])('is refused with %s', async (_what, clusters, complaint) => {
    const values = { ...REQUIRED_VALUES, api: { otherClusters: clusters } };
    expect((await renderPlatform(values)).problem).toContain(complaint);
  });
});
