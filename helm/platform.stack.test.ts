import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CoreV1Api, KubernetesObjectApi, type KubernetesObject, type V1Deployment } from '@kubernetes/client-node';
import { parse } from 'yaml';
import type { JsonObject } from '../activities/release/values.ts';
import { clusterQueuesOf, DEFAULT_CLUSTER, taskQueuesOf } from '../domain/names.ts';
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
const INSTALLATION = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
const SCALED: JsonObject = { enabled: true };
const SPOT = [{ key: 'spot', operator: 'Exists' }];
const COLLECTOR: JsonObject = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otlp.example.com' };

/** Sets of values that together render every template. */
const VALUE_SETS: Readonly<Record<string, JsonObject>> = {
  'the required values': REQUIRED_VALUES,
  'Temporal Cloud, External Secrets, KEDA and Prometheus': {
    // As uuidgen of macOS prints it.
    installationId: INSTALLATION.toUpperCase(),
    temporal: CLOUD,
    externalSecret: {
      enabled: true,
      secretStoreRef: { kind: 'ClusterSecretStore', name: 'vault' },
      data: [
        { secretKey: 'api-database-url', remoteRef: { key: 'platform', property: 'api' } },
        { secretKey: 'otlp-headers', remoteRef: { key: 'platform', property: 'collector' } },
      ],
    },
    stores: { domain: 'shops.example.com', tlsIssuer: 'letsencrypt', values: { medusa: { worker: {} } } },
    settings: { LOG_LEVEL: 'debug', OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=production', ...COLLECTOR },
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
    installationId: INSTALLATION,
    caSecretName: 'company-ca',
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
    worker: { keda: SCALED, tolerations: SPOT, priorityClassName: 'system-cluster-critical' },
    migration: { tolerations: SPOT, nodeSelector: { pool: 'platform' } },
    tests: { tokenSecret: 'platform-test', tolerations: SPOT },
    networkPolicy: { enabled: false },
    rbac: { admissionPolicy: false },
    api: { credentials: false, allowedOrigins: ['https://stores.example.com'] },
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
    // A worker polls these task queues, and no others.
    const { control, webhook } = taskQueuesOf(INSTALLATION);
    const { helm: writes, watch } = clusterQueuesOf(INSTALLATION, DEFAULT_CLUSTER);
    for (const object of scaled) {
      const { triggers } = (object as { spec?: { triggers?: readonly Trigger[] } }).spec ?? {};
      expect(triggers?.map(({ metadata }) => metadata['taskQueue'])).toEqual([control, writes, watch, webhook]);
    }
    // Two versions must never share pods.
    const selectors = workers.map(({ spec }) => JSON.stringify(spec?.selector.matchLabels));
    expect(new Set(selectors).size).toBe(2);
  });

  test('gives the id of the installation to every process that opens the database', async () => {
    const ids = async (values: JsonObject) => variablesOf(await renderPlatform(values), 'INSTALLATION_ID');
    const id = { name: 'INSTALLATION_ID', value: INSTALLATION };
    expect(await ids({ ...REQUIRED_VALUES, installationId: INSTALLATION.toUpperCase() })).toEqual({
      'Deployment/store-platform-api': id,
      'Deployment/store-platform-worker': id,
      'Job/store-platform-migration': id,
    });
    expect(await ids(REQUIRED_VALUES)).toEqual({});
  });

  test.each([
    ['OTEL_EXPORTER_OTLP_HEADERS', 'otlp-headers'],
    ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'otlp-traces-headers'],
  ])('takes %s from the Secret, for the processes that send traces', async (name, key) => {
    const variable = { name, valueFrom: { secretKeyRef: { name: 'collector', key, optional: true } } };
    const values = { ...REQUIRED_VALUES, existingSecret: 'collector' };
    expect(variablesOf(await renderPlatform({ ...values, settings: COLLECTOR }), name)).toEqual({
      'Deployment/store-platform-api': variable,
      'Deployment/store-platform-worker': variable,
    });
    expect(variablesOf(await renderPlatform({ ...values, worker: { settings: COLLECTOR } }), name)).toEqual({
      'Deployment/store-platform-worker': variable,
    });
    expect(variablesOf(await renderPlatform(values), name)).toEqual({});
  });

  test('mounts the certificate authorities into every process', async () => {
    const rendered = await renderPlatform({ ...REQUIRED_VALUES, caSecretName: 'company-ca' });
    const variable = { name: 'NODE_EXTRA_CA_CERTS', value: '/etc/ca/ca.crt' };
    expect(Object.values(variablesOf(rendered, variable.name))).toEqual([variable, variable, variable]);
    for (const { spec } of podTemplatesOf(rendered.objects)) {
      expect(spec).toMatchObject({
        containers: [{ volumeMounts: expect.arrayContaining([{ name: 'ca', mountPath: '/etc/ca', readOnly: true }]) }],
        volumes: expect.arrayContaining([
          { name: 'ca', secret: expect.objectContaining({ secretName: 'company-ca' }) as object },
        ]),
      });
    }
  });

  test('gives KEDA the TLS server name and the credential of Temporal', async () => {
    const { objects } = await renderPlatform(VALUE_SETS['certificates, a Gateway and a test'] ?? {});
    const scaled = objects.find(({ kind }) => kind === 'ScaledObject') as { spec?: { triggers?: readonly Trigger[] } };
    for (const trigger of scaled.spec?.triggers ?? []) {
      expect(trigger).toMatchObject({
        metadata: { tlsServerName: 'temporal.test' },
        authenticationRef: { name: 'store-platform-worker' },
      });
    }
    expect(scaled.spec?.triggers).toHaveLength(4);
  });

  test('opens the Kubernetes API only to the processes that call it', async () => {
    const reaches = async (values: JsonObject) => {
      const { objects } = await renderPlatform({ ...REQUIRED_VALUES, ...values });
      const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy');
      return policies
        .filter((policy) => JSON.stringify(policy).includes('"port":6443'))
        .map(({ metadata }) => metadata?.name);
    };
    expect(await reaches({})).toEqual(['store-platform-api', 'store-platform-worker']);
    expect(await reaches({ api: { credentials: false } })).toEqual(['store-platform-worker']);
  });

  test.each([
    ['without a peer for the metrics', {}, true],
    ['with a peer for the metrics', { networkPolicy: { metricsFrom: [{ namespaceSelector: {} }] } }, false],
    ['without network policies', { networkPolicy: { enabled: false } }, false],
  ])('warns that Prometheus reads nothing: %s', async (_what, overlay, warns) => {
    const values = { ...REQUIRED_VALUES, serviceMonitor: { enabled: true }, ...overlay };
    const { stdout } = await helm(['install', 'x', PLATFORM_CHART, '--dry-run=client'], values);
    expect(stdout).toContain('The store platform is starting');
    expect(stdout.includes('WARNING: Prometheus cannot read the metrics')).toBe(warns);
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
    [
      'KEDA without an installation',
      { worker: { keda: SCALED } },
      'installationId is not set, and KEDA needs it for the names of the task queues: for a new database, set it to the output of ' +
        '`uuidgen`; for a platform that runs, `kubectl -n platform-system logs deployment/store-platform-api',
    ],
    ['an installation that is no UUID', { installationId: 'production' }, '/installationId'],
    [
      'KEDA with TLS alone',
      {
        installationId: INSTALLATION,
        temporal: { address: 't:1', tls: { enabled: true } },
        worker: { keda: SCALED },
      },
      'worker.keda.enabled needs temporal.authentication',
    ],
    ['headers as a setting', { settings: { OTEL_EXPORTER_OTLP_HEADERS: 'a=b' } }, "'OTEL_EXPORTER_OTLP_HEADERS' not"],
    [
      'an Ingress with a host that the API rejects',
      { api: { publicUrl: 'https://a.example.com:8443' }, ingress: { enabled: true, host: 'b.example.com' } },
      'the API rejects requests to the host b.example.com of ingress.host',
    ],
    ['a budget that is no share', { api: { podDisruptionBudget: { maxUnavailable: 'one' } } }, '/maxUnavailable'],
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

interface Trigger {
  readonly metadata: Readonly<Record<string, string>>;
}

/** Returns a variable of the containers that have it, by the owner of their pod. */
function variablesOf({ objects }: { readonly objects: readonly KubernetesObject[] }, name: string) {
  const found = podTemplatesOf(objects).flatMap(({ owner, spec }) =>
    (spec.containers[0]?.env ?? []).filter((variable) => variable.name === name).map((variable) => [owner, variable]),
  );
  return Object.fromEntries(found) as Readonly<Record<string, unknown>>;
}

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
