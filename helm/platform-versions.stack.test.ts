import { describe, expect, test } from '@jest/globals';
import type { KubernetesObject, V1Deployment, V1NetworkPolicy } from '@kubernetes/client-node';
import type { JsonObject } from '../activities/release/values.ts';
import { clusterQueuesOf, DEFAULT_CLUSTER, taskQueuesOf } from '../domain/names.ts';
import { helm, PLATFORM_CHART, renderPlatform, REQUIRED_VALUES } from '../test/harness/platform/platform-chart.ts';
import { CLOUD, EXTRAS, INSTALLATION, SCALED, VALUE_SETS } from '../test/harness/platform/platform-values.ts';
import { podTemplatesOf } from '../test/harness/platform/rendered-chart.ts';

/** Tests how the chart of the platform replaces versions, and what an operator can add to its pods. */

const WITH_VERSIONS: JsonObject = VALUE_SETS['Temporal Cloud, External Secrets, KEDA and Prometheus'] ?? {};

describe('the chart', () => {
  test('runs one Deployment and one ScaledObject per version of the worker, each with its build id', async () => {
    const { objects } = await renderPlatform(WITH_VERSIONS);
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

  test('promotes the version of the release after each install, upgrade and rollback, with no right but Temporal', async () => {
    const { objects } = await renderPlatform(WITH_VERSIONS);
    const hooks = objects.filter(
      ({ metadata }) => metadata?.annotations?.['helm.sh/hook'] === 'post-install,post-upgrade,post-rollback',
    );
    expect(hooks.toSorted((a, b) => weightOf(a) - weightOf(b)).at(-1)?.kind).toBe('Job');
    expect(new Set(hooks.map(({ kind }) => kind))).toEqual(new Set(['ServiceAccount', 'NetworkPolicy', 'Job']));
    const [job, ...others] = podTemplatesOf(hooks);
    expect(others).toEqual([]);
    expect(job?.spec.containers[0]).toMatchObject({
      image: 'docker.io/store-platform/platform:0.1.0',
      command: ['node', 'dist/worker/promote.js', '--timeout=240'],
    });
    const env = job?.spec.containers[0]?.env ?? [];
    const plain = env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]));
    expect(Object.fromEntries(plain)).toMatchObject({
      WORKER_DEPLOYMENT: 'platform-system-store-platform',
      WORKER_BUILD_ID: 'v2',
      INSTALLATION_ID: INSTALLATION,
      TEMPORAL_ADDRESS: CLOUD['address'],
      TEMPORAL_NAMESPACE: CLOUD['namespace'],
    });
    const secrets = env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.key ?? []);
    expect(secrets).toEqual(['temporal-api-key']);
    const policy = hooks.find(({ kind }) => kind === 'NetworkPolicy') as V1NetworkPolicy;
    const ports = policy.spec?.egress?.flatMap((rule) => rule.ports?.map(({ port }) => port));
    expect(policy.spec?.ingress ?? []).toEqual([]);
    expect(ports).toEqual([53, 53, 7233]);
  });

  test.each([
    ['without versions', {}],
    ['when an operator promotes', { versioning: { enabled: true, promotion: { enabled: false } } }],
    ['with the Worker Controller', { controller: { enabled: true } }],
  ])('has no promotion %s', async (_what, worker) => {
    const { objects, problem } = await renderPlatform({ ...REQUIRED_VALUES, worker });
    expect(problem).toBe('');
    expect(objects.filter(({ metadata }) => metadata?.name?.endsWith('-promotion') === true)).toEqual([]);
  });

  test.each([
    ['that the Job promotes the version', {}, 'makes the version v2 of the workers current'],
    ['how to promote the version', { promotion: { enabled: false } }, 'gets no work before the version is current'],
  ])('tells an operator %s', async (_what, overlay, sentence) => {
    const values = { ...REQUIRED_VALUES, worker: { versioning: { enabled: true, buildId: 'v2', ...overlay } } };
    const { stdout } = await helm(['install', 'x', PLATFORM_CHART, '--dry-run=client'], values);
    expect(stdout).toContain(sentence);
    expect(stdout).toContain('dist/worker/promote.js --deployment platform-system-x --build-id');
  });

  test('tells an operator where the Worker Controller shows the versions', async () => {
    const values = { ...REQUIRED_VALUES, worker: { controller: { enabled: true } } };
    const { stdout } = await helm(['install', 'x', PLATFORM_CHART, '--dry-run=client'], values);
    expect(stdout).toContain('get workerdeployment x-worker');
    expect(stdout).not.toContain('promote.js');
  });

  test('lets the Worker Controller create the versions, from the same pods', async () => {
    const values: JsonObject = VALUE_SETS['the Temporal Worker Controller'] ?? {};
    const steps = [{ rampPercentage: 25, pauseDuration: '10m' }];
    const sunset = { scaledownDelay: '2h', deleteDelay: '48h' };
    const controller = { enabled: true, strategy: 'Progressive', steps, sunset };
    const { objects } = await renderPlatform({ ...values, worker: { controller, replicas: 3, ...EXTRAS } });
    const workers = objects.filter(({ kind }) => kind === 'WorkerDeployment');
    expect(workers).toHaveLength(1);
    expect(workers[0]).toMatchObject({
      apiVersion: 'temporal.io/v1alpha1',
      metadata: { name: 'store-platform-worker' },
      spec: {
        replicas: 3,
        workerOptions: { connectionRef: { name: 'store-platform-temporal' }, temporalNamespace: 'default' },
        rollout: { strategy: 'Progressive', steps },
        sunset,
      },
    });
    const deployments = objects.flatMap(({ kind, metadata }) => (kind === 'Deployment' ? [metadata?.name] : []));
    expect(deployments).toEqual(['store-platform-api']);
    const [pods] = podTemplatesOf(workers);
    expect(pods?.template.metadata?.labels).toMatchObject({ 'app.kubernetes.io/component': 'worker' });
    // The controller adds the version, the address, and the certificate with its volume `temporal-tls`.
    const names = pods?.spec.containers[0]?.env?.map(({ name }) => name) ?? [];
    expect(names.filter((name) => /^(TEMPORAL|WORKER_(DEPLOYMENT|BUILD_ID))/.test(name))).toEqual([
      'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
    ]);
    expect(pods?.spec.volumes?.map(({ name }) => name)).toEqual(['tmp', 'company']);
  });

  test.each([
    ['none', REQUIRED_VALUES['temporal'], { hostPort: 'temporal.test:7233' }],
    [
      'an API key',
      CLOUD,
      { hostPort: CLOUD['address'], apiKeySecretRef: { name: 'store-platform', key: 'temporal-api-key' } },
    ],
    [
      'a certificate',
      { address: 't:1', authentication: 'certificate', tls: { serverName: 'a.test', secretName: 'tls' } },
      { hostPort: 't:1', tls: { serverName: 'a.test' }, mutualTLSSecretRef: { name: 'tls' } },
    ],
  ])('connects the Worker Controller to Temporal with %s', async (_what, temporal, expected) => {
    const { objects } = await renderPlatform({ temporal: temporal ?? {}, worker: { controller: { enabled: true } } });
    const connections = objects.filter(({ kind }) => kind === 'Connection');
    expect(connections).toMatchObject([{ apiVersion: 'temporal.io/v1alpha1' }]);
    expect((connections[0] as { spec?: unknown }).spec).toEqual(expected);
  });

  test('adds variables, volumes, mounts and an affinity to the pods of a component', async () => {
    const [api, worker, migration] = [{ ...EXTRAS }, { ...EXTRAS }, { ...EXTRAS }];
    const { objects } = await renderPlatform({ ...REQUIRED_VALUES, api, worker, migration });
    const pods = podTemplatesOf(objects);
    expect(pods).toHaveLength(3);
    for (const { spec } of pods) {
      expect(spec.affinity).toEqual(EXTRAS['affinity']);
      expect(spec.containers[0]?.env).toEqual(expect.arrayContaining(EXTRAS['extraEnv'] as object[]));
      expect(spec.containers[0]?.volumeMounts).toEqual(expect.arrayContaining(EXTRAS['extraVolumeMounts'] as object[]));
      expect(spec.volumes).toEqual(expect.arrayContaining(EXTRAS['extraVolumes'] as object[]));
    }
  });

  test.each([
    [
      'a variable that the chart sets',
      { api: { extraEnv: [{ name: 'DATABASE_URL', value: 'postgres://x' }] } },
      'api.extraEnv sets DATABASE_URL, which the chart',
    ],
    [
      'a variable that the Worker Controller sets',
      { worker: { controller: { enabled: true }, extraEnv: [{ name: 'TEMPORAL_API_KEY', value: 'x' }] } },
      'worker.extraEnv sets TEMPORAL_API_KEY',
    ],
    ['a volume of the chart', { api: { extraVolumes: [{ name: 'tmp', emptyDir: {} }] } }, '/api/extraVolumes/0'],
    [
      'a path of the node as a volume',
      { api: { extraVolumes: [{ name: 'x', hostPath: { path: '/' } }] } },
      "'hostPath' not allowed",
    ],
    [
      'the Worker Controller together with versions',
      { worker: { controller: { enabled: true }, versioning: { enabled: true } } },
      'worker.controller.enabled and worker.versioning.enabled exclude each other',
    ],
    [
      'the Worker Controller together with KEDA',
      { worker: { controller: { enabled: true }, keda: SCALED } },
      'worker.controller.enabled and worker.keda.enabled exclude each other',
    ],
    [
      'the Worker Controller with TLS that it would not use',
      { temporal: { address: 't:1', tls: { enabled: true } }, worker: { controller: { enabled: true } } },
      'worker.controller.enabled needs temporal.tls.serverName',
    ],
    [
      'a progressive rollout without steps',
      { worker: { controller: { enabled: true, strategy: 'Progressive' } } },
      '/worker/controller/steps',
    ],
    [
      'a promotion of workers that KEDA scales to zero',
      {
        installationId: INSTALLATION,
        worker: { keda: { enabled: true, minReplicas: 0 }, versioning: { enabled: true } },
      },
      'worker.versioning.promotion.enabled needs worker.keda.minReplicas',
    ],
  ])('rejects %s', async (_what, overlay, complaint) => {
    expect((await renderPlatform({ ...REQUIRED_VALUES, ...overlay })).problem).toContain(complaint);
  });
});

interface Trigger {
  readonly metadata: Readonly<Record<string, string>>;
}

function weightOf({ metadata }: KubernetesObject): number {
  return Number(metadata?.annotations?.['helm.sh/hook-weight']);
}
