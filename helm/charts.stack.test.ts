import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { KubernetesObject, V1Container, V1Ingress, V1PodSpec } from '@kubernetes/client-node';
import {
  limitRangeObject,
  namespaceObject,
  networkPolicyObject,
  quotaObject,
} from '../activities/namespace/objects.ts';
import { ENGINES, engineSpec } from '../domain/engines/index.ts';
import { ANNOTATIONS } from '../domain/names.ts';
import { clusterInput } from '../test/harness/platform/cluster-activities.ts';
import {
  chartValues,
  criticalScores,
  lintChart,
  type PodTemplate,
  podTemplatesOf,
  renderChart,
} from '../test/harness/platform/rendered-chart.ts';
import { kubeClients } from '../test/harness/stack/stack.ts';

function allContainers(spec: V1PodSpec): readonly V1Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}

/** Checks of kube-score that the charts go against, and why. */
const OVERRULED = {
  'container-image-pull-policy': 'tags are immutable, and a pod must be able to move while its registry is away',
  'container-security-context-user-group-id': 'the users of the official images have low ids, and own what they stored',
  'container-ephemeral-storage-request-and-limit':
    'roots are read-only and each emptyDir has a size; a node that does not measure its disk takes no pod that asks for some',
  'pod-probes-identical': 'both ask the process and never its database: they differ in their patience',
  'statefulset-has-servicename': 'one replica each, behind a Service whose address outlives the pod',
} as const;

describe.each(ENGINES)('the chart of %s, rendered,', (engine) => {
  let objects: readonly KubernetesObject[];
  let pods: readonly PodTemplate[];

  beforeAll(async () => {
    const rendered = await renderChart(engine, chartValues(engine));
    expect(rendered.problem).toBe('');
    ({ objects } = rendered);
    pods = podTemplatesOf(objects);
  });

  test('passes the strict lint', async () => {
    expect(await lintChart(engine, chartValues(engine))).toBe('');
  });

  test('has nothing that kube-score calls critical and that is not overruled here', async () => {
    expect(await criticalScores(engine, chartValues(engine), Object.keys(OVERRULED))).toEqual([]);
  }, 600_000); // kube-score may have to be built first

  test('makes no Secret, no hook that an install or an upgrade would run, and nothing outside its namespace', () => {
    expect(objects.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    const hooks = objects.flatMap(({ metadata }) => metadata?.annotations?.['helm.sh/hook'] ?? []);
    // What `helm test` makes stands by itself; it never runs with a release.
    expect(new Set(hooks)).toEqual(new Set(['test']));
    expect(objects.filter(({ metadata }) => metadata?.namespace !== undefined)).toEqual([]);
  });

  test('serves the storefront on port 80 of the Service that the front door knows', () => {
    expect(objects).toContainEqual(
      expect.objectContaining({
        kind: 'Service',
        metadata: expect.objectContaining({ name: 'storefront' }),
        spec: expect.objectContaining({ type: 'ClusterIP', ports: [expect.objectContaining({ port: 80 })] }),
      }),
    );
  });

  test('gives every container its own limits and a read-only, unprivileged place', () => {
    for (const container of pods.flatMap(({ spec }) => allContainers(spec))) {
      expect(container).toMatchObject({
        resources: {
          requests: { cpu: expect.any(String), memory: expect.any(String) },
          limits: { cpu: expect.any(String), memory: expect.any(String) },
        },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          capabilities: { drop: ['ALL'] },
        },
      });
    }
  });

  test('tells start-up, readiness and liveness apart for everything that keeps running', () => {
    const running = pods.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');
    for (const container of running.flatMap(({ spec }) => spec.containers)) {
      const { name, startupProbe, readinessProbe, livenessProbe } = container;
      expect({ name, probes: [startupProbe, readinessProbe, livenessProbe].filter(Boolean).length }).toEqual({
        name,
        probes: 3,
      });
    }
  });

  test('says of nothing but a background worker, and a Job whose work is noted, that no customer waits for it', () => {
    const apart = objects.filter(
      ({ metadata }) => metadata?.annotations?.[ANNOTATIONS.requiredForCheckout] === 'false',
    );
    const names = apart.map(({ kind, metadata }) => `${kind}/${metadata?.name?.replace(/-.*/, '')}`);
    expect(names).toEqual(engineSpec(engine).notRequiredForCheckout);
  });

  test('gives no pod an identity towards the cluster', () => {
    for (const { spec } of pods) {
      expect(spec).toMatchObject({
        serviceAccountName: 'store',
        automountServiceAccountToken: false,
        enableServiceLinks: false,
      });
    }
  });

  test("keeps the store's name as it is", () => {
    const titles = objects.flatMap(
      (object) => (object as { data?: Record<string, string> }).data?.['STORE_NAME'] ?? [],
    );
    expect(new Set(titles)).toEqual(new Set([`"A": 'b' $(DB_PASSWORD) {{ .Values }} <c> #d`]));
  });

  test('makes a new set-up Job when something it depends on changes, and none otherwise', async () => {
    const values = chartValues(engine);
    const other = { ...values, image: { tag: '9.9.9' } };
    const names = await Promise.all([values, values, other].map(async (given) => setupJob(given)));
    expect(names[0]).toBe(names[1]);
    expect(names[2]).not.toBe(names[0]);
  });

  async function setupJob(values: ReturnType<typeof chartValues>): Promise<string | undefined> {
    const rendered = await renderChart(engine, values);
    return rendered.objects.find(({ kind }) => kind === 'Job')?.metadata?.name;
  }

  test('routes by Ingress or by HTTPRoute, as the operator says', async () => {
    const byRoute = await renderChart(
      engine,
      chartValues(engine, {
        ingress: { enabled: false },
        httpRoute: { enabled: true, parentRefs: [{ name: 'public' }] },
      }),
    );
    const kinds = byRoute.objects.map(({ kind }) => kind);
    expect(kinds).toContain('HTTPRoute');
    expect(kinds).not.toContain('Ingress');
    const ingress: V1Ingress | undefined = objects.find(({ kind }) => kind === 'Ingress');
    expect(ingress?.spec?.rules?.map(({ host }) => host)).toEqual([expect.stringMatching(/\.localhost$/)]);
  });

  test('lets the digest of an image win over its tag', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const pinned = await renderChart(engine, chartValues(engine, { image: { digest } }));
    const images = podTemplatesOf(pinned.objects).flatMap(({ spec }) => allContainers(spec).map(({ image }) => image));
    expect(images).toContain(`${engineSpec(engine).images.image}@${digest}`);
  });

  test.each([
    ['an unknown key', { colour: 'red' }, "'colour' not allowed"],
    ['an unknown nested key', { db: { colour: 'red' } }, "'colour' not allowed"],
    ['a password', { db: { password: 'x' } }, "'password' not allowed"],
    ['a host that is none', { store: { host: 'Not a host/' } }, '/store/host'],
    ['a name with a line break', { store: { name: 'a\nb' } }, '/store/name'],
    ['a volume without a unit', { db: { storage: { size: '5' } } }, '/db/storage/size'],
    ['an HTTPRoute without a gateway', { httpRoute: { enabled: true } }, '/httpRoute/parentRefs'],
  ])('refuses %s', async (_what, overlay, complaint) => {
    expect((await renderChart(engine, chartValues(engine, overlay))).problem).toContain(complaint);
  });
});

const COLLECTIONS: Readonly<Record<string, string>> = {
  Namespace: '/api/v1/namespaces',
  ServiceAccount: 'serviceaccounts',
  ConfigMap: 'configmaps',
  PersistentVolumeClaim: 'persistentvolumeclaims',
  Pod: 'pods',
  Service: 'services',
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  Job: 'jobs',
  CronJob: 'cronjobs',
  Ingress: 'ingresses',
  NetworkPolicy: 'networkpolicies',
};

interface Answer {
  readonly status: number | undefined;
  readonly warnings: string | undefined;
  readonly message: string;
}

/** Sends an object to the API server as if to create it, and returns what admission says, warnings included. */
async function dryRun(object: KubernetesObject, namespace: string): Promise<Answer> {
  const { config } = kubeClients();
  const group = object.apiVersion?.includes('/') ? 'apis' : 'api';
  const path = `/${group}/${object.apiVersion}/namespaces/${namespace}/${COLLECTIONS[object.kind ?? '']}?dryRun=All`;
  const url = new URL(path, config.getCurrentCluster()?.server);
  const options = { method: 'POST', headers: { 'content-type': 'application/json' } };
  await config.applyToHTTPSOptions(options);
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () => {
        const { message = '' } = JSON.parse(body) as { message?: string };
        resolve({ status: response.statusCode, warnings: response.headers['warning'], message });
      });
    });
    sent.on('error', reject);
    sent.end(JSON.stringify(object));
  });
}

describe.each(ENGINES)("in a store's namespace, the chart of %s", (engine) => {
  const { store } = clusterInput({ engine });
  const cluster = kubeClients();
  let objects: readonly KubernetesObject[];

  beforeAll(async () => {
    ({ objects } = await renderChart(engine, chartValues(engine)));
    await cluster.core.createNamespace({ body: namespaceObject(store, 'test') });
    await cluster.core.createNamespacedResourceQuota({ namespace: store.namespace, body: quotaObject(store) });
    await cluster.core.createNamespacedLimitRange({ namespace: store.namespace, body: limitRangeObject(store) });
    await cluster.networking.createNamespacedNetworkPolicy({
      namespace: store.namespace,
      body: networkPolicyObject(store),
    });
    // Pods are only admitted under an account that is there.
    const account = { metadata: { name: 'store' } };
    await cluster.core.createNamespacedServiceAccount({ namespace: store.namespace, body: account });
  });

  afterAll(async () => {
    await cluster.core.deleteNamespace({ name: store.namespace });
  });

  test('is admitted object by object without a warning', async () => {
    for (const object of objects.filter(({ kind }) => kind !== 'ServiceAccount')) {
      const answer = await dryRun(object, store.namespace);
      expect({ object: `${object.kind}/${object.metadata?.name}`, ...answer }).toMatchObject({
        status: 201,
        warnings: undefined,
      });
    }
  });

  test('has its pods admitted under Pod Security restricted', async () => {
    for (const { owner, spec } of podTemplatesOf(objects)) {
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'dry-run' }, spec };
      const answer = await dryRun(pod, store.namespace);
      expect({ owner, ...answer }).toMatchObject({ status: 201, warnings: undefined });
    }
  });

  test('fits the quota during a rollout of everything, with every Job running', () => {
    const { quota } = engineSpec(engine);
    const pods = podTemplatesOf(objects).flatMap((pod) => (pod.kind === 'Deployment' ? [pod, pod] : [pod]));
    const claims = objects.filter(({ kind }) => kind === 'PersistentVolumeClaim');
    expect(sum(pods, 'requests', 'cpu')).toBeLessThanOrEqual(amount(quota.cpuRequests));
    expect(sum(pods, 'requests', 'memory')).toBeLessThanOrEqual(amount(quota.memoryRequests));
    expect(sum(pods, 'limits', 'cpu')).toBeLessThanOrEqual(amount(quota.cpuLimits));
    expect(sum(pods, 'limits', 'memory')).toBeLessThanOrEqual(amount(quota.memoryLimits));
    expect(pods.length).toBeLessThanOrEqual(quota.pods);
    expect(claims.length).toBeLessThanOrEqual(quota.volumeClaims);
    expect(claims.map(storageOf).reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(amount(quota.storage));
  });
});

type Bound = 'requests' | 'limits';

/** As quotas count: what the running containers need together, or one init container alone if that is more. */
function sum(pods: readonly PodTemplate[], bound: Bound, resource: 'cpu' | 'memory'): number {
  const of = (container: V1Container) => amount(container.resources?.[bound]?.[resource] ?? '0');
  return pods
    .map(({ spec }) => {
      const running = spec.containers.map(of).reduce((a, b) => a + b, 0);
      return Math.max(running, ...(spec.initContainers ?? []).map(of));
    })
    .reduce((a, b) => a + b, 0);
}

function storageOf(claim: KubernetesObject): number {
  const { spec } = claim as { spec?: { resources?: { requests?: { storage?: string } } } };
  return amount(spec?.resources?.requests?.storage ?? '0');
}

const FACTORS: Readonly<Record<string, number>> = { m: 0.001, '': 1, Mi: 2 ** 20, Gi: 2 ** 30 };

/** A Kubernetes quantity as a number of cores or bytes. */
function amount(quantity: string): number {
  const match = /^(\d+)(m|Mi|Gi|)$/.exec(quantity);
  if (match === null) throw new Error(`${quantity} is not a quantity that the charts use`);
  return Number(match[1]) * (FACTORS[match[2] ?? ''] ?? Number.NaN);
}
