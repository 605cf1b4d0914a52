import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CoreV1Api, KubernetesObjectApi, type KubernetesObject, type V1Deployment } from '@kubernetes/client-node';
import { parse } from 'yaml';
import type { JsonObject } from '../activities/release/values.ts';
import { eventually } from '../test/harness/eventually.ts';
import { operatorKinds } from '../test/harness/platform/operator-kinds.ts';
import {
  helm,
  PLATFORM_CHART,
  RELEASE_NAMESPACE,
  renderPlatform,
  REQUIRED_VALUES,
} from '../test/harness/platform/platform-chart.ts';
import { createRaw } from '../test/harness/platform/create-raw.ts';
import { type PrivateCluster, startPrivateCluster } from '../test/harness/platform/private-cluster.ts';
import { criticalScoresOf, podTemplatesOf } from '../test/harness/platform/rendered-chart.ts';

const CLOUD: JsonObject = { address: 'prod.acme.tmprl.cloud:7233', namespace: 'prod.acme', authentication: 'apiKey' };
const SCALED: JsonObject = { enabled: true, installation: '0f4b7e2a' };

/** Sets of values that together render every template. */
const VALUE_SETS: Readonly<Record<string, JsonObject>> = {
  'the required values': REQUIRED_VALUES,
  'Temporal Cloud, External Secrets, KEDA and Prometheus': {
    temporal: CLOUD,
    externalSecret: {
      enabled: true,
      secretStoreRef: { kind: 'ClusterSecretStore', name: 'vault' },
      data: [{ secretKey: 'api-database-url', remoteRef: { key: 'platform', property: 'api' } }],
    },
    stores: { domain: 'shops.example.com', tlsIssuer: 'letsencrypt', values: { medusa: { worker: {} } } },
    settings: { LOG_LEVEL: 'debug' },
    api: { publicUrl: 'https://stores.example.com', autoscaling: { enabled: true } },
    worker: {
      keda: SCALED,
      versioning: { enabled: true, buildId: 'v2', previous: [{ buildId: 'v1', image: { tag: '0.0.9' }, replicas: 1 }] },
    },
    ingress: { enabled: true, className: 'nginx', annotations: { 'cert-manager.io/cluster-issuer': 'letsencrypt' } },
    serviceMonitor: { enabled: true },
    prometheusRule: { enabled: true },
    dashboards: { enabled: true },
    networkPolicy: { metricsFrom: [{ namespaceSelector: { matchLabels: { name: 'monitoring' } } }] },
    tests: { tokenSecret: 'platform-test' },
  },
  'certificates, a Gateway and a test': {
    temporal: {
      address: 'temporal-frontend.temporal.svc:7233',
      authentication: 'certificate',
      tls: { serverName: 'temporal.test', secretName: 'temporal-tls' },
    },
    stores: { scheme: 'https', caSecretName: 'store-ca' },
    httpRoute: {
      enabled: true,
      hostname: 'stores.example.com',
      parentRefs: [{ name: 'public', namespace: 'gateways' }],
    },
    worker: { keda: SCALED, tolerations: [{ key: 'spot', operator: 'Exists' }] },
    networkPolicy: { enabled: false },
    rbac: { admissionPolicy: false },
    api: { credentials: false },
  },
};

/** The kube-score checks that the chart does not follow, as the charts of the stores: see charts.stack.test.ts. */
const IGNORED_CHECKS = ['container-image-pull-policy', 'container-ephemeral-storage-request-and-limit'];

const goIsMissing = execaSync('go', ['version'], { reject: false }).failed;
if (goIsMissing) process.stderr.write('NOT RUN: the kinds of operators on a real API server. Go is not installed\n');

describe.each(Object.entries(VALUE_SETS))('the rendered chart with %s', (_name, values) => {
  let objects: readonly KubernetesObject[];
  let manifest: string;

  beforeAll(async () => {
    const rendered = await renderPlatform(values);
    expect(rendered.problem).toBe('');
    ({ objects, manifest } = rendered);
  });

  test('passes the strict lint', async () => {
    const { stdout, failed } = await helm(['lint', '--strict', '--quiet', PLATFORM_CHART], values);
    expect(failed ? stdout : '').toBe('');
  });

  test('has no critical finding of kube-score except for the ignored checks', async () => {
    const withoutNetwork =
      values['networkPolicy'] === undefined || objects.some(({ kind }) => kind === 'NetworkPolicy');
    const ignored = withoutNetwork ? IGNORED_CHECKS : [...IGNORED_CHECKS, 'pod-networkpolicy'];
    expect(await criticalScoresOf(manifest, ignored)).toEqual([]);
  }, 600_000); // the first run builds kube-score

  test('runs every container without privileges, with limits and with a read-only root file system', () => {
    const pods = objects.flatMap((object) => (object.kind === 'Pod' ? [(object as { spec?: object }).spec] : []));
    const specs = [...podTemplatesOf(objects).map(({ spec }) => spec), ...pods];
    expect(specs.length).toBeGreaterThanOrEqual(3);
    for (const spec of specs) {
      expect(spec).toMatchObject({
        enableServiceLinks: false,
        securityContext: { runAsNonRoot: true, runAsUser: 10_001, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            resources: { requests: { memory: expect.any(String) }, limits: { memory: expect.any(String) } },
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
            },
          },
        ],
      });
    }
  });

  test('gives a token only to the pods that call the Kubernetes API', () => {
    const tokens = podTemplatesOf(objects).map(({ owner, spec }) => [
      owner.replace(/worker-.*/, 'worker'),
      spec.automountServiceAccountToken,
    ]);
    const apiReads = objects.some(({ kind, metadata }) => kind === 'ClusterRole' && metadata?.name?.endsWith('-api'));
    expect(Object.fromEntries(tokens)).toEqual({
      'Deployment/store-platform-api': apiReads,
      'Deployment/store-platform-worker': true,
      'Job/store-platform-migration': false,
    });
  });
});

/** Returns a file that the chart installs as it is. */
function textOf(path: string): string {
  return readFileSync(join(PLATFORM_CHART, 'files', path), 'utf8');
}

describe('the chart', () => {
  test('migrates the database before any other object of a release exists or changes', async () => {
    const { objects } = await renderPlatform(VALUE_SETS['Temporal Cloud, External Secrets, KEDA and Prometheus'] ?? {});
    const hooks = objects.filter(
      ({ metadata }) => metadata?.annotations?.['helm.sh/hook'] === 'pre-install,pre-upgrade',
    );
    const byWeight = hooks.toSorted((a, b) => weightOf(a) - weightOf(b)).map(({ kind }) => kind);
    expect(byWeight[0]).toBe('ExternalSecret');
    expect(byWeight.at(-1)).toBe('Job');
    expect(new Set(byWeight.slice(1, -1))).toEqual(new Set(['NetworkPolicy', 'ServiceAccount']));
  });

  test('installs every file of rules and every dashboard', async () => {
    const { objects } = await renderPlatform(VALUE_SETS['Temporal Cloud, External Secrets, KEDA and Prometheus'] ?? {});
    const groups = objects.flatMap((object) =>
      object.kind === 'PrometheusRule' ? [(object as { spec?: { groups?: unknown } }).spec?.groups] : [],
    );
    const rules = ['alerts', 'objectives'].map((name) => textOf(`rules/${name}.yaml`));
    expect(groups).toEqual(rules.map((text) => (parse(text) as { groups: unknown }).groups));
    const dashboards = objects.flatMap((object) =>
      object.metadata?.name?.includes('-dashboard-') === true ? [(object as { data?: object }).data] : [],
    );
    const files = readdirSync(join(PLATFORM_CHART, 'files', 'dashboards'));
    expect(dashboards).toEqual(files.map((file) => ({ [file]: textOf(`dashboards/${file}`) })));
  });

  test('runs one Deployment and one ScaledObject per version of the worker, each with its build id', async () => {
    const { objects } = await renderPlatform(VALUE_SETS['Temporal Cloud, External Secrets, KEDA and Prometheus'] ?? {});
    const workers = objects.filter(
      (object): object is V1Deployment =>
        object.kind === 'Deployment' && object.metadata?.name?.includes('-worker-') === true,
    );
    const versions = workers
      .map(({ spec }) => spec?.template.spec?.containers[0])
      .map((container) => [container?.env?.find(({ name }) => name === 'WORKER_BUILD_ID')?.value, container?.image]);
    expect(versions).toEqual([
      ['v2', 'docker.io/store-platform/platform:0.1.0'],
      ['v1', 'docker.io/store-platform/platform:0.0.9'],
    ]);
    const scaled = objects.filter(({ kind }) => kind === 'ScaledObject');
    expect(scaled.map(({ metadata }) => metadata?.name)).toEqual(workers.map(({ metadata }) => metadata?.name));
    // Two versions must never share pods.
    const selectors = workers.map(({ spec }) => JSON.stringify(spec?.selector.matchLabels));
    expect(new Set(selectors).size).toBe(2);
  });

  test.each([
    ['an unknown key', { colour: 'red' }, "'colour' not allowed"],
    ['an unknown nested key', { worker: { colour: 'red' } }, "'colour' not allowed"],
    ['a password', { database: { password: 'x' } }, "'database' not allowed"],
    ['an unknown setting', { settings: { COLOUR: 'red' } }, "'COLOUR' not allowed"],
    ['a setting that the chart sets', { settings: { DATABASE_URL: 'postgres://x' } }, "'DATABASE_URL' not allowed"],
    ['an address without a port', { temporal: { address: 'temporal' } }, '/temporal/address'],
    ['no address of Temporal', { temporal: { address: '' } }, 'temporal.address is not set'],
    [
      'certificates without a Secret',
      { temporal: { address: 't:1', authentication: 'certificate' } },
      'temporal.tls.secretName',
    ],
    ['KEDA without an installation', { worker: { keda: { enabled: true } } }, 'worker.keda.installation is not set'],
    ['an HTTPRoute without a gateway', { httpRoute: { enabled: true } }, '/httpRoute/parentRefs'],
    ['an image without a digest when digests are required', { requireDigests: true }, 'has no digest'],
    ['an Ingress without a host', { ingress: { enabled: true } }, 'ingress.host is not set'],
  ])('rejects %s', async (_what, overlay, complaint) => {
    expect((await renderPlatform({ ...REQUIRED_VALUES, ...overlay })).problem).toContain(complaint);
  });

  test('rejects a namespace in which the worker may write', async () => {
    const { stderr } = await helm(['template', 'x', PLATFORM_CHART, '--namespace', 'store-x'], REQUIRED_VALUES);
    expect(stderr).toContain('begins with store-');
  });
});

function weightOf({ metadata }: KubernetesObject): number {
  return Number(metadata?.annotations?.['helm.sh/hook-weight']);
}

(goIsMissing ? describe.skip : describe)('on a real API server with the kinds of the operators', () => {
  let cluster: PrivateCluster;
  let objects: KubernetesObjectApi;

  beforeAll(async () => {
    const [started, kinds] = await Promise.all([startPrivateCluster(), operatorKinds()]);
    cluster = started;
    objects = KubernetesObjectApi.makeApiClient(cluster.config);
    const labels = {
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/warn': 'restricted',
    };
    await cluster.config
      .makeApiClient(CoreV1Api)
      .createNamespace({ body: { metadata: { name: RELEASE_NAMESPACE, labels } } });
    const created = await Promise.all(kinds.map((kind) => createRaw(cluster.config, kind)));
    expect(created.filter(({ status }) => status !== 201)).toEqual([]);
    const isServed = async () => {
      const served = await Promise.all(kinds.map((kind) => objects.read(headerOf(kind))));
      return served.every((kind) => hasCondition(kind, 'Established'));
    };
    await eventually(isServed, { deadlineMs: 120_000 });
  }, 300_000);
  afterAll(() => cluster.stop());

  test.each(Object.entries(VALUE_SETS))('every object with %s is accepted', async (_name, values) => {
    const rendered = await renderPlatform(values);
    const refused: unknown[] = [];
    for (const object of rendered.objects) {
      const answer = await createRaw(cluster.config, object, { namespace: RELEASE_NAMESPACE, dryRun: true });
      // A pod is accepted only if its service account exists.
      if (object.kind === 'ServiceAccount') await createRaw(cluster.config, object, { namespace: RELEASE_NAMESPACE });
      // The namespace has Pod Security level `restricted`, which answers a workload that violates it with a warning.
      const isThere = object.kind === 'ServiceAccount' && answer.status === 409;
      const isAccepted = isThere || (answer.status === 201 && answer.warnings === undefined);
      if (!isAccepted) refused.push({ object: `${object.kind}/${object.metadata?.name}`, ...answer });
    }
    expect(refused).toEqual([]);
    expect(rendered.objects.length).toBeGreaterThan(10);
  });
});

function hasCondition(object: KubernetesObject, type: string): boolean {
  const { status } = object as { status?: { conditions?: readonly { type: string; status: string }[] } };
  return status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') === true;
}

function headerOf({ apiVersion = '', kind = '', metadata }: KubernetesObject) {
  return { apiVersion, kind, metadata: { name: metadata?.name ?? '' } };
}
