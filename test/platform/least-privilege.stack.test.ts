import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  ApiException,
  AuthorizationV1Api,
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  type KubernetesObject,
} from '@kubernetes/client-node';
import type { StoreEvent } from '../../domain/store/store.ts';
import { ENGINES, type Engine } from '../../domain/engines/index.ts';
import { LABELS, MANAGER } from '../../domain/names.ts';
import type { Store } from '../../api/contract/store.ts';
import {
  helm,
  PLATFORM_CHART,
  RELEASE,
  RELEASE_NAMESPACE,
  REQUIRED_VALUES,
} from '../harness/platform/platform-chart.ts';
import { type PrivateCluster, startPrivateCluster } from '../harness/platform/private-cluster.ts';
import { type PlatformProcess, startApiProcess, startWorkerProcess } from '../harness/platform/processes.ts';
import { createDatabase, eventually, testStack, type TestDatabase } from '../harness/stack/stack.ts';
import { createTemporalNamespace, type TestNamespace } from '../harness/stack/temporal-namespace.ts';

/** Tests the rights that the chart of the platform gives to its service accounts: they suffice, and there are no others. */

type Component = 'api' | 'worker';
const userOf = (component: Component) => `system:serviceaccount:${RELEASE_NAMESPACE}:${RELEASE}-${component}`;

let cluster: PrivateCluster;

beforeAll(async () => {
  cluster = await startPrivateCluster();
  const core = cluster.config.makeApiClient(CoreV1Api);
  await core.createNamespace({ body: { metadata: { name: RELEASE_NAMESPACE } } });
  const installed = await helm(
    ['install', RELEASE, PLATFORM_CHART, '--kubeconfig', cluster.kubeconfig, '--wait', '--timeout', '2m'],
    REQUIRED_VALUES,
  );
  expect(installed.stderr).not.toMatch(/error/i);
  expect(installed.exitCode).toBe(0);
}, 300_000);
afterAll(() => cluster.stop());

/** Returns a configuration that acts as a service account of the chart, with a token that Kubernetes issued. */
async function actingAs(component: Component): Promise<KubeConfig> {
  const core = cluster.config.makeApiClient(CoreV1Api);
  const { status } = await core.createNamespacedServiceAccountToken({
    namespace: RELEASE_NAMESPACE,
    name: `${RELEASE}-${component}`,
    body: { spec: { audiences: ['https://kubernetes.default.svc'], expirationSeconds: 3_600 } },
  });
  const config = new KubeConfig();
  const current = cluster.config.getCurrentCluster();
  if (current === null || status === undefined) throw new Error('the cluster issued no token');
  config.loadFromOptions({
    clusters: [{ ...current, name: 'local' }],
    users: [{ name: component, token: status.token }],
    contexts: [{ name: component, cluster: 'local', user: component }],
    currentContext: component,
  });
  return config;
}

describe('a whole life of stores with the service accounts of the chart', () => {
  let database: TestDatabase;
  let temporal: TestNamespace;
  let api: PlatformProcess & { readonly url: string };
  let worker: PlatformProcess;

  beforeAll(async () => {
    database = await createDatabase();
    temporal = await createTemporalNamespace();
    const stack = testStack();
    const env = {
      ...stack,
      DATABASE_URL: database.url,
      TEMPORAL_NAMESPACE: temporal.namespace,
      DRIFT_INTERVAL_SECONDS: '10',
    };
    const [apiEnv, workerEnv] = await Promise.all((['api', 'worker'] as const).map(clusterSettings));
    api = await startApiProcess(env, apiEnv);
    worker = await startWorkerProcess(env, workerEnv);
  }, 300_000);
  afterAll(async () => {
    await worker.kill('SIGTERM');
    await api.kill('SIGTERM');
    await temporal.close();
    await database.drop();
  });

  async function clusterSettings(component: Component): Promise<Record<string, string>> {
    const file = join(cluster.folder, `${component}.kubeconfig`);
    await writeFile(file, (await actingAs(component)).exportConfig(), { mode: 0o600 });
    return { KUBECONFIG: file, KUBE_CONTEXT: component };
  }

  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await fetch(`${api.url}${path}`, init);
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T; // the schemas of the API describe T
  }

  function reached(id: string, status: string): Promise<Store> {
    return eventually(
      async () => {
        const store = await call<Store>('GET', `/api/stores/${id}`);
        if (store.status === 'failed') throw new Error(`the store failed: ${JSON.stringify(store.failure)}`);
        return store.status === status && store;
      },
      { deadlineMs: 180_000 },
    );
  }

  async function happened(id: string, type: StoreEvent['type']): Promise<void> {
    await eventually(
      async () => {
        const { data } = await call<{ data: StoreEvent[] }>('GET', `/api/stores/${id}/events?limit=1000`);
        return data.some((event) => event.type === type);
      },
      { deadlineMs: 120_000 },
    );
  }

  async function liveAndDie(engine: Engine): Promise<void> {
    const admin = cluster.config.makeApiClient(CoreV1Api);
    const { storeId: id } = await call<Store>('POST', '/api/stores', { name: `Acme ${engine}`, engine });
    const { namespace } = await reached(id, 'ready');
    await call('GET', `/api/stores/${id}/credentials`);
    // A person deletes an object, and the reconciler repairs it.
    await admin.deleteNamespacedService({ namespace, name: 'storefront' });
    await happened(id, 'store.repaired');
    await call('DELETE', `/api/stores/${id}?undeleteWindowSeconds=600`);
    await eventually(async () => (await call<Store>('GET', `/api/stores/${id}`)).undeleteUntil !== null);
    await call('POST', `/api/stores/${id}/undelete`);
    await reached(id, 'ready');
    await call('DELETE', `/api/stores/${id}`);
    await reached(id, 'deleted');
  }

  test('passes without one refused request in the audit log', async () => {
    await Promise.all(ENGINES.map(liveAndDie));
    const requests = (await cluster.auditedRequests()).filter(({ user }) =>
      user.username.startsWith('system:serviceaccount:platform-system:'),
    );
    const refused = requests.filter(({ responseStatus }) => responseStatus?.code === 403);
    expect(refused.map(({ verb, requestURI, responseStatus }) => ({ verb, requestURI, responseStatus }))).toEqual([]);
    expect(new Set(requests.map(({ user }) => user.username))).toEqual(new Set([userOf('api'), userOf('worker')]));
    expect(requests.length).toBeGreaterThan(100);
  }, 600_000);
});

const READ = 'get list watch';
const ALL = `${READ} create patch delete`;
/** Every right of the worker: resource of a group → verbs. */
const WORKER_RIGHTS: Readonly<Record<string, string>> = {
  namespaces: 'get list create patch delete',
  nodes: 'list',
  persistentvolumes: 'get list patch delete',
  secrets: 'get list create update patch delete',
  configmaps: ALL,
  services: ALL,
  serviceaccounts: ALL,
  persistentvolumeclaims: ALL,
  pods: `${READ} delete`,
  'pods/log': 'get',
  'pods/portforward': 'get create',
  events: 'list watch',
  resourcequotas: 'get list create patch',
  limitranges: 'get list create patch',
  'deployments.apps': ALL,
  'statefulsets.apps': ALL,
  'jobs.batch': ALL,
  'ingresses.networking.k8s.io': ALL,
  'networkpolicies.networking.k8s.io': ALL,
  'httproutes.gateway.networking.k8s.io': ALL,
  'endpointslices.discovery.k8s.io[kubernetes]': 'get',
};
/** Rights that Kubernetes gives to every account: to ask for its own rights. */
const EVERYONE: Readonly<Record<string, string>> = {
  'selfsubjectaccessreviews.authorization.k8s.io': 'create',
  'selfsubjectrulesreviews.authorization.k8s.io': 'create',
  'selfsubjectreviews.authentication.k8s.io': 'create',
};

/** Asks the API server for all rights of a service account. `secrets[name]` is the right to Secrets of this name only. */
async function rightsOf(component: Component): Promise<Record<string, string>> {
  const authorization = (await actingAs(component)).makeApiClient(AuthorizationV1Api);
  const { status } = await authorization.createSelfSubjectRulesReview({ body: { spec: { namespace: 'store-acme' } } });
  expect(status).toMatchObject({ incomplete: false });
  const rights = new Map<string, Set<string>>();
  for (const { apiGroups = [], resources = [], resourceNames = [''], verbs } of status?.resourceRules ?? []) {
    const kinds = apiGroups.flatMap((group) =>
      resources.map((resource) => (group === '' ? resource : `${resource}.${group}`)),
    );
    const keys = kinds.flatMap((kind) => resourceNames.map((name) => (name === '' ? kind : `${kind}[${name}]`)));
    for (const key of keys) rights.set(key, new Set([...(rights.get(key) ?? []), ...verbs]));
  }
  return Object.fromEntries([...rights].map(([key, verbs]) => [key, [...verbs].join(' ')]));
}

/** Sorts the verbs of each right, so that the lists can be compared. */
function sorted(rights: Readonly<Record<string, string>>): Record<string, readonly string[]> {
  const words = (verbs: string) => verbs.split(' ').toSorted((a, b) => a.localeCompare(b));
  return Object.fromEntries(Object.entries(rights).map(([name, verbs]) => [name, words(verbs)]));
}

describe('the rights', () => {
  test('of the worker are the listed ones and no others', async () => {
    expect(sorted(await rightsOf('worker'))).toEqual(sorted({ ...WORKER_RIGHTS, ...EVERYONE }));
  });

  test('of the API are to read the Secrets of stores by their name, and nothing else', async () => {
    expect(sorted(await rightsOf('api'))).toEqual(sorted({ ...EVERYONE, 'secrets[store-secrets]': 'get' }));
  });

  test.each([
    ['worker', 'create', 'rbac.authorization.k8s.io', 'rolebindings', ''],
    ['worker', 'escalate', 'rbac.authorization.k8s.io', 'clusterroles', ''],
    ['worker', 'create', '', 'pods', ''],
    ['worker', 'create', '', 'pods', 'exec'],
    ['worker', 'create', '', 'serviceaccounts', 'token'],
    ['worker', 'impersonate', '', 'serviceaccounts', ''],
    ['worker', 'get', '', 'nodes', 'proxy'],
    ['worker', 'create', '', 'persistentvolumes', ''],
    ['worker', 'patch', 'apiextensions.k8s.io', 'customresourcedefinitions', ''],
    ['worker', 'delete', 'admissionregistration.k8s.io', 'validatingadmissionpolicies', ''],
    ['api', 'list', '', 'secrets', ''],
    ['api', 'get', '', 'secrets', ''],
    ['api', 'list', '', 'namespaces', ''],
    ['api', 'get', '', 'pods', ''],
  ] as const)('of the %s do not include to %s %s/%s %s', async (component, verb, group, resource, subresource) => {
    const authorization = (await actingAs(component)).makeApiClient(AuthorizationV1Api);
    const resourceAttributes = { verb, group, resource, subresource, namespace: 'store-acme' };
    const { status } = await authorization.createSelfSubjectAccessReview({ body: { spec: { resourceAttributes } } });
    expect(status?.allowed).toBe(false);
  });
});

describe('the admission policy', () => {
  const labels = { [LABELS.managedBy]: MANAGER };
  let worker: KubernetesObjectApi;
  let admin: KubernetesObjectApi;

  beforeAll(async () => {
    admin = KubernetesObjectApi.makeApiClient(cluster.config);
    worker = KubernetesObjectApi.makeApiClient(await actingAs('worker'));
    await admin.create(namespace('store-mine', labels));
    await admin.create(namespace('foreign', {}));
    await admin.create(volume('mine', 'store-mine'));
    await admin.create(volume('foreign', 'foreign'));
  });

  function namespace(name: string, own: Record<string, string>): KubernetesObject {
    return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: own } };
  }

  function volume(name: string, owner: string): KubernetesObject {
    const spec = {
      capacity: { storage: '1Mi' },
      accessModes: ['ReadWriteOnce'],
      hostPath: { path: '/nonexistent' },
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: 'data', namespace: owner },
    };
    return { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name }, spec } as KubernetesObject;
  }

  function object(kind: string, name: string, place: string): KubernetesObject {
    return { apiVersion: 'v1', kind, metadata: { name, namespace: place } };
  }

  /** Returns the message with which the API server refuses a request, or undefined when it accepts it. */
  async function refusal(request: Promise<unknown>): Promise<string | undefined> {
    try {
      await request;
      return undefined;
    } catch (error) {
      if (!(error instanceof ApiException)) throw error;
      return String((JSON.parse(String(error.body)) as { message?: string }).message);
    }
  }

  test('lets the worker write to namespaces and volumes of stores', async () => {
    expect(await refusal(worker.create(object('ConfigMap', 'settings', 'store-mine')))).toBeUndefined();
    expect(await refusal(worker.create(namespace('store-new', labels)))).toBeUndefined();
    expect(await refusal(worker.patch(namespace('store-new', { ...labels, more: 'yes' })))).toBeUndefined();
    expect(await refusal(worker.patch(object('PersistentVolume', 'mine', '')))).toBeUndefined();
    expect(await refusal(worker.delete(object('ConfigMap', 'settings', 'store-mine')))).toBeUndefined();
    expect(await refusal(worker.delete(namespace('store-new', {})))).toBeUndefined();
  });

  test.each([
    ['a ConfigMap in another namespace', () => worker.create(object('ConfigMap', 'taken', 'foreign'))],
    ['a Secret in its own namespace', () => worker.create(object('Secret', 'taken', RELEASE_NAMESPACE))],
    ['a Secret in kube-system', () => worker.create(object('Secret', 'taken', 'kube-system'))],
    ['a namespace without the label', () => worker.create(namespace('store-unlabelled', {}))],
    ['the label of a foreign namespace', () => worker.patch(namespace('foreign', labels))],
    ['the loss of the label', () => worker.patch(namespace('store-mine', { [LABELS.managedBy]: 'someone' }))],
    ['the delete of a foreign namespace', () => worker.delete(namespace('foreign', {}))],
    ['a change of a foreign volume', () => worker.patch(object('PersistentVolume', 'foreign', ''))],
    ['the delete of a foreign volume', () => worker.delete(object('PersistentVolume', 'foreign', ''))],
  ])('refuses the worker %s', async (_what, request) => {
    expect(await refusal(request())).toContain('ValidatingAdmissionPolicy');
  });

  test('applies to no other account', async () => {
    expect(await refusal(admin.create(object('ConfigMap', 'of-an-admin', 'foreign')))).toBeUndefined();
  });
});
