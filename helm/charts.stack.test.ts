import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { KubernetesObject, V1Container, V1Ingress, V1NetworkPolicy, V1PodSpec } from '@kubernetes/client-node';
import {
  CONTAINER_DISK,
  limitRangeObject,
  namespaceObject,
  networkPolicyObject,
  quotaObject,
} from '../activities/namespace/objects.ts';
import { ENGINES, engineSpec } from '../domain/engines/index.ts';
import { ANNOTATIONS } from '../domain/names.ts';
import { clusterInput, ownedInTest } from '../test/harness/platform/cluster-activities.ts';
import { createRaw } from '../test/harness/platform/create-raw.ts';
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

/** The kube-score checks that the charts do not follow, with the reason for each. */
const IGNORED_CHECKS = {
  'container-image-pull-policy':
    'digests and the tags of our builds never move, and a pod must start on another node while the registry is down',
  'container-security-context-user-group-id': 'the users of the official images have low ids and own the data',
  'container-ephemeral-storage-request-and-limit':
    'root file systems are read-only and each emptyDir has a size limit; a node that does not report its disk size accepts no pod with such a request',
  'pod-probes-identical': 'both probes ask the process and never its database; only their thresholds differ',
  'statefulset-has-servicename': 'each has one replica behind a Service whose address outlives the pod',
} as const;

describe.each(ENGINES)('the rendered chart of %s', (engine) => {
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

  test('has no critical finding of kube-score except for the ignored checks', async () => {
    expect(await criticalScores(engine, chartValues(engine), Object.keys(IGNORED_CHECKS))).toEqual([]);
  }, 600_000); // the first run builds kube-score

  test('creates no Secret, no install or upgrade hook and no object outside its namespace', () => {
    expect(objects.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    const hooks = objects.flatMap(({ metadata }) => metadata?.annotations?.['helm.sh/hook'] ?? []);
    // Only `helm test` runs the test hooks, never an install or an upgrade.
    expect(new Set(hooks)).toEqual(new Set(['test']));
    expect(objects.filter(({ metadata }) => metadata?.namespace !== undefined)).toEqual([]);
  });

  test('serves the storefront on port 80 of the Service that the ingress routes to', () => {
    expect(objects).toContainEqual(
      expect.objectContaining({
        kind: 'Service',
        metadata: expect.objectContaining({ name: 'storefront' }),
        spec: expect.objectContaining({ type: 'ClusterIP', ports: [expect.objectContaining({ port: 80 })] }),
      }),
    );
  });

  test('gives every container requests, limits and a read-only, unprivileged security context', () => {
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

  test('gives every container that serves requests a startup, a readiness and a liveness probe', () => {
    const running = pods.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');
    for (const container of running.flatMap(({ spec }) => spec.containers).filter(({ name }) => name !== 'cron')) {
      const { name, startupProbe, readinessProbe, livenessProbe } = container;
      expect({ name, probes: [startupProbe, readinessProbe, livenessProbe].filter(Boolean).length }).toEqual({
        name,
        probes: 3,
      });
    }
  });

  test('keeps service meshes away from every pod that must end, and from no other', () => {
    const istio = { 'sidecar.istio.io/inject': 'false' };
    const ending = objects.flatMap(({ kind, metadata }) => (kind === 'Pod' ? [metadata] : []));
    for (const { kind, template } of pods) if (kind === 'Job') ending.push(template.metadata);
    expect(ending.length).toBeGreaterThanOrEqual(2);
    for (const metadata of ending) {
      expect(metadata?.labels).toMatchObject(istio);
      expect(metadata?.annotations).toMatchObject({ ...istio, 'linkerd.io/inject': 'disabled' });
    }
    for (const { template } of pods.filter(({ kind }) => kind !== 'Job')) {
      expect({ ...template.metadata?.labels, ...template.metadata?.annotations }).not.toHaveProperty([
        'sidecar.istio.io/inject',
      ]);
    }
  });

  test('runs nothing on a schedule of the cluster', () => {
    // The controllers of Kubernetes start about 200 Jobs a minute, and the setup Jobs of new stores wait in the same queue.
    expect(objects.filter(({ kind }) => kind === 'CronJob')).toEqual([]);
  });

  test('marks only the background worker or the setup Job as not required for checkout', () => {
    const optional = objects.filter(
      ({ metadata }) => metadata?.annotations?.[ANNOTATIONS.requiredForCheckout] === 'false',
    );
    const names = optional.map(({ kind, metadata }) => `${kind}/${metadata?.name?.replace(/-.*/, '')}`);
    expect(names).toEqual(engineSpec(engine).notRequiredForCheckout);
  });

  test('gives no pod a service account token', () => {
    for (const { spec } of pods) {
      expect(spec).toMatchObject({
        serviceAccountName: 'store',
        automountServiceAccountToken: false,
        enableServiceLinks: false,
      });
    }
  });

  test('passes the store name unchanged to the containers', () => {
    const titles = objects.flatMap(
      (object) => (object as { data?: Record<string, string> }).data?.['STORE_NAME'] ?? [],
    );
    expect(new Set(titles)).toEqual(new Set([`"A": 'b' $(DB_PASSWORD) {{ .Values }} <c> #d`]));
  });

  test.each(['👨‍👩‍👧 Shop', '🏳️‍🌈 Pride', 'می‌خواهم', 'क्‍ष', '日本　語', '\u{1fae9} & Co', '𝒜'.repeat(63)])(
    'accepts the name %s',
    async (name) => {
      const rendered = await renderChart(engine, chartValues(engine, { store: { name } }));
      expect(rendered.problem).toBe('');
    },
  );

  test('renames the setup Job only when its pod template changes', async () => {
    const values = chartValues(engine);
    const other = { ...values, image: { tag: '9.9.9' } };
    const names = await Promise.all([values, values, other].map(async (input) => setupJob(input)));
    expect(names[0]).toBe(names[1]);
    expect(names[2]).not.toBe(names[0]);
  });

  async function setupJob(values: ReturnType<typeof chartValues>): Promise<string | undefined> {
    const rendered = await renderChart(engine, values);
    return rendered.objects.find(({ kind }) => kind === 'Job')?.metadata?.name;
  }

  test('creates an Ingress or an HTTPRoute as the values select', async () => {
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

  test('with https, has public URLs of https, and an Ingress with TLS for the host of the store', async () => {
    const https = { scheme: 'https', port: 443 } as const;
    const provided = { kind: 'provided', secretName: 'wildcard' } as const;
    for (const certificate of [undefined, provided]) {
      const values = chartValues(engine, {}, { ...https, certificate });
      const secured = await renderChart(engine, values);
      expect(secured.problem).toBe('');
      const ingress: V1Ingress | undefined = secured.objects.find(({ kind }) => kind === 'Ingress');
      const { host } = values['store'] as { readonly host: string };
      // Without a Secret, the ingress controller uses its default certificate.
      const named = certificate === undefined ? {} : { secretName: 'wildcard' };
      expect(ingress?.spec?.tls).toEqual([{ hosts: [host], ...named }]);
      expect(publicUrlsOf(secured.objects)).toEqual(new Set([`https://${host}`]));
    }
    const plain: V1Ingress | undefined = objects.find(({ kind }) => kind === 'Ingress');
    expect(plain?.spec?.tls).toBeUndefined();
  });

  test('with an issuer, asks cert-manager for the certificate of the Ingress', async () => {
    const certificate = { kind: 'issued', clusterIssuer: 'letsencrypt' } as const;
    const secured = await renderChart(engine, chartValues(engine, {}, { scheme: 'https', port: 443, certificate }));
    const ingress: V1Ingress | undefined = secured.objects.find(({ kind }) => kind === 'Ingress');
    expect(ingress?.metadata?.annotations).toEqual({ 'cert-manager.io/cluster-issuer': 'letsencrypt' });
    expect(ingress?.spec?.tls?.map(({ secretName }) => secretName)).toEqual(['storefront-tls']);
  });

  test('with https, attaches an HTTPRoute to the listener that the values name', async () => {
    const parentRefs = [{ name: 'public', namespace: 'gateways', sectionName: 'https' }];
    const byRoute = { ingress: { enabled: false }, httpRoute: { enabled: true, parentRefs } };
    const { objects: routed } = await renderChart(engine, chartValues(engine, byRoute, { scheme: 'https', port: 443 }));
    const route = routed.find(({ kind }) => kind === 'HTTPRoute');
    expect(route).toMatchObject({ spec: { parentRefs } });
    expect([...publicUrlsOf(routed)]).toEqual([expect.stringMatching(/^https:/)]);
  });

  test('with external egress, allows no private network, no metadata service and no network of the exception', async () => {
    const networkPolicy = { externalEgress: true, externalEgressExcept: ['203.0.113.7/32'] };
    const open = await renderChart(engine, chartValues(engine, { networkPolicy }));
    const blocks = open.objects.flatMap((object) => {
      const { spec } = object as V1NetworkPolicy;
      const peers = object.kind === 'NetworkPolicy' ? (spec?.egress ?? []).flatMap(({ to }) => to ?? []) : [];
      return peers.flatMap(({ ipBlock }) => ipBlock ?? []);
    });
    expect(blocks).not.toEqual([]);
    for (const { except } of blocks) {
      expect(except).toEqual(expect.arrayContaining(['10.0.0.0/8', '169.254.0.0/16', '203.0.113.7/32']));
    }
  });

  test('uses the digest of an image instead of its tag', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const pinned = await renderChart(engine, chartValues(engine, { image: { digest } }));
    const images = podTemplatesOf(pinned.objects).flatMap(({ spec }) => allContainers(spec).map(({ image }) => image));
    expect(images).toContain(`docker.io/${engineSpec(engine).images.image}@${digest}`);
  });

  test('takes every image from the registry of the settings, except one whose repository names another', async () => {
    const image = { repository: 'ghcr.io/acme/shop' };
    const values = chartValues(engine, { imageRegistry: 'mirror.test:5000/hub', image });
    const { objects: rendered } = await renderChart(engine, values);
    const names = podTemplatesOf(rendered).flatMap(({ spec }) =>
      allContainers(spec).map((container) => container.image),
    );
    expect(names).toContainEqual(expect.stringMatching(/^ghcr\.io\/acme\/shop:/));
    const others = names.filter((name) => name?.startsWith('ghcr.io/') !== true);
    expect(others.filter((name) => name?.startsWith('mirror.test:5000/hub/') !== true)).toEqual([]);
    expect(others.length).toBeGreaterThan(0);
  });

  test('refuses an image without a digest when digests are required', async () => {
    const rendered = await renderChart(engine, chartValues(engine, { requireDigests: true }));
    expect(rendered.problem).toMatch(/the image \S+:\S+ has no digest/);
  });

  test.each([
    ['an unknown key', { colour: 'red' }, "'colour' not allowed"],
    ['an unknown nested key', { db: { colour: 'red' } }, "'colour' not allowed"],
    ['a password', { db: { password: 'x' } }, "'password' not allowed"],
    ['an invalid host', { store: { host: 'Not a host/' } }, '/store/host'],
    ['a name with a line break', { store: { name: 'a\nb' } }, '/store/name'],
    ['a name without a visible character', { store: { name: '\u200d \u3000' } }, '/store/name'],
    ['a name with a change of writing direction', { store: { name: 'a\u202eb' } }, '/store/name'],
    ['a volume with an unknown unit', { db: { storage: { size: '5GB' } } }, '/db/storage/size'],
    ['an HTTPRoute without a gateway', { httpRoute: { enabled: true } }, '/httpRoute/parentRefs'],
  ])('rejects %s', async (_what, overlay, complaint) => {
    expect((await renderChart(engine, chartValues(engine, overlay))).problem).toContain(complaint);
  });
});

/** Returns the public addresses in the settings of the containers. */
function publicUrlsOf(objects: readonly KubernetesObject[]): ReadonlySet<string> {
  const settings = objects.flatMap((object) =>
    Object.entries((object as { data?: Record<string, string> }).data ?? {}),
  );
  const names = /^(PUBLIC_URL|MEDUSA_BACKEND_URL|(STORE|ADMIN|AUTH)_CORS)$/;
  return new Set(settings.filter(([name]) => names.test(name)).map(([, value]) => value));
}

interface DryRunResult {
  readonly status: number | undefined;
  readonly warnings: string | undefined;
  readonly message: string;
}

/** Creates an object with `dryRun=All`. Returns the status, the warnings and the message of admission control. */
async function dryRun(object: KubernetesObject, namespace: string): Promise<DryRunResult> {
  const { status, warnings, body } = await createRaw(kubeClients().config, object, { namespace, dryRun: true });
  const { message = '' } = body as { readonly message?: string };
  return { status, warnings, message };
}

describe.each(ENGINES)('in the namespace of a store, the chart of %s', (engine) => {
  const store = ownedInTest(clusterInput({ engine }).store);
  const cluster = kubeClients();
  let objects: readonly KubernetesObject[];

  beforeAll(async () => {
    ({ objects } = await renderChart(engine, chartValues(engine)));
    await cluster.core.createNamespace({ body: namespaceObject(store) });
    await cluster.core.createNamespacedResourceQuota({ namespace: store.namespace, body: quotaObject(store) });
    await cluster.core.createNamespacedLimitRange({ namespace: store.namespace, body: limitRangeObject(store) });
    await cluster.networking.createNamespacedNetworkPolicy({
      namespace: store.namespace,
      body: networkPolicyObject(store, []),
    });
    // The API server rejects a pod whose ServiceAccount does not exist.
    const account = { metadata: { name: 'store' } };
    await cluster.core.createNamespacedServiceAccount({ namespace: store.namespace, body: account });
  });

  afterAll(async () => {
    await cluster.core.deleteNamespace({ name: store.namespace });
  });

  test('has every object admitted without a warning', async () => {
    for (const object of objects.filter(({ kind }) => kind !== 'ServiceAccount')) {
      const result = await dryRun(object, store.namespace);
      expect({ object: `${object.kind}/${object.metadata?.name}`, ...result }).toMatchObject({
        status: 201,
        warnings: undefined,
      });
    }
  });

  test('has every pod admitted under Pod Security restricted', async () => {
    for (const { owner, spec } of podTemplatesOf(objects)) {
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'dry-run' }, spec };
      const result = await dryRun(pod, store.namespace);
      expect({ owner, ...result }).toMatchObject({ status: 201, warnings: undefined });
    }
  });

  test('has room for its volumes in memory and on disk within the limit of each pod', () => {
    const disk = amount(CONTAINER_DISK);
    const logs = 50 * 2 ** 20; // the kubelet keeps five files of 10 MiB per container
    for (const { owner, spec } of podTemplatesOf(objects)) {
      const volumes = (spec.volumes ?? []).map(({ emptyDir }) => amount(emptyDir?.sizeLimit ?? '0'));
      const needed = volumes.reduce((a, b) => a + b, 0) + allContainers(spec).length * logs;
      expect([owner, needed <= spec.containers.length * disk]).toEqual([owner, true]);
    }
  });

  test('fits the quota while every Deployment rolls out and every Job runs', () => {
    const { quota } = engineSpec(engine);
    const pods = podTemplatesOf(objects).flatMap((pod) => (pod.kind === 'Deployment' ? [pod, pod] : [pod]));
    const claims = objects.filter(({ kind }) => kind === 'PersistentVolumeClaim');
    expect(sum(pods, 'requests', 'cpu')).toBeLessThanOrEqual(amount(quota.cpuRequests));
    expect(sum(pods, 'requests', 'memory')).toBeLessThanOrEqual(amount(quota.memoryRequests));
    expect(sum(pods, 'limits', 'cpu')).toBeLessThanOrEqual(amount(quota.cpuLimits));
    expect(sum(pods, 'limits', 'memory')).toBeLessThanOrEqual(amount(quota.memoryLimits));
    expect(pods.length).toBeLessThanOrEqual(quota.pods);
    // Each container has the limit of the limit range.
    const disk = amount(CONTAINER_DISK);
    const containers = pods.map(({ spec }) => spec.containers.length).reduce((a, b) => a + b, 0);
    expect(containers * disk).toBeLessThanOrEqual(amount(quota.ephemeralStorage));
    expect(claims.length).toBeLessThanOrEqual(quota.volumeClaims);
    for (const [kind, resource] of Object.entries(COUNTED)) {
      const needed = objects.filter((object) => object.kind === kind).length;
      expect([kind, needed * 2 <= Number(quotaObject(store).spec?.hard?.[resource])]).toEqual([kind, true]);
    }
    expect(claims.map(storageOf).reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(amount(quota.storage));
  });
});

type Bound = 'requests' | 'limits';

/** Returns the resource names of `count/…` quotas, by kind. */
const COUNTED: Readonly<Record<string, string>> = {
  Deployment: 'count/deployments.apps',
  StatefulSet: 'count/statefulsets.apps',
  Job: 'count/jobs.batch',
  CronJob: 'count/cronjobs.batch',
  Service: 'count/services',
  ConfigMap: 'count/configmaps',
  Ingress: 'count/ingresses.networking.k8s.io',
};

/** Returns the sum that a ResourceQuota counts: per pod, the sum of its containers or its largest init container. */
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

/** Converts a Kubernetes quantity to a number of cores or bytes. @throws Error when the unit is not m, Mi or Gi. */
function amount(quantity: string): number {
  const match = /^(\d+)(m|Mi|Gi|)$/.exec(quantity);
  if (match === null) throw new Error(`the quantity ${quantity} has a unit that this test does not know`);
  return Number(match[1]) * (FACTORS[match[2] ?? ''] ?? Number.NaN);
}

describe('the scheduled tasks of WooCommerce', () => {
  test('run next to the servers and cannot make the storefront unready', async () => {
    const { objects } = await renderChart(
      'woocommerce',
      chartValues('woocommerce', { cron: { intervalSeconds: 120 } }),
    );
    const storefront = podTemplatesOf(objects).find(({ owner }) => owner === 'Deployment/storefront');
    const cron = storefront?.spec.containers.find(({ name }) => name === 'cron');
    expect(cron).toMatchObject({ command: ['serve-cron'], livenessProbe: { exec: expect.anything() } });
    expect(cron?.readinessProbe ?? cron?.startupProbe).toBeUndefined();
    const revision = objects.find(({ kind }) => kind === 'Job')?.metadata?.name?.replace('setup-', '');
    expect(cron?.env).toEqual([
      { name: 'SETUP_REVISION', value: revision },
      { name: 'CRON_INTERVAL_SECONDS', value: '120' },
    ]);
  });
});
