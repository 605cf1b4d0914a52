import type { JsonObject } from '../../../activities/release/values.ts';
import { REQUIRED_VALUES } from './platform-chart.ts';

export const CLOUD: JsonObject = {
  address: 'prod.acme.tmprl.cloud:7233',
  namespace: 'prod.acme',
  authentication: 'apiKey',
};
export const INSTALLATION = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
export const SCALED: JsonObject = { enabled: true };
const SPOT = [{ key: 'spot', operator: 'Exists' }];
/** Everything that an operator can add to the pods of a component. */
export const EXTRAS: JsonObject = {
  affinity: {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        { weight: 1, podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector: {} } },
      ],
    },
  },
  extraEnv: [
    { name: 'HTTPS_PROXY', value: 'http://proxy.example.com:3128' },
    { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
  ],
  extraVolumes: [{ name: 'company', configMap: { name: 'company' } }],
  extraVolumeMounts: [{ name: 'company', mountPath: '/etc/company', readOnly: true }],
};
export const COLLECTOR: JsonObject = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otlp.example.com' };

/** Sets of values of the chart of the platform that together render every template. */
export const VALUE_SETS: Readonly<Record<string, JsonObject>> = {
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
    api: {
      publicUrl: 'https://stores.example.com',
      autoscaling: { enabled: true },
      otherClusters: { kubeconfigSecret: 'clusters', contexts: { 'eu-1': 'eu-1-reader' } },
    },
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
    worker: { keda: SCALED, tolerations: SPOT, priorityClassName: 'system-cluster-critical', ...EXTRAS },
    migration: { tolerations: SPOT, nodeSelector: { pool: 'platform' }, ...EXTRAS },
    tests: { tokenSecret: 'platform-test', tolerations: SPOT },
    networkPolicy: { enabled: false },
    rbac: { admissionPolicy: false },
    api: { credentials: false, allowedOrigins: ['https://stores.example.com'], ...EXTRAS },
  },
  'the Temporal Worker Controller': {
    temporal: {
      address: 'temporal-frontend.temporal.svc:7233',
      authentication: 'certificate',
      tls: { serverName: 'temporal.test', secretName: 'temporal-tls' },
    },
    worker: { controller: { enabled: true } },
  },
};
