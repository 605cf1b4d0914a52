import { loadClientConnectConfig } from '@temporalio/envconfig';
import { z } from 'zod';
import { authSettings, checkAuth } from './auth.ts';
import { databaseSettings, databaseUrlFrom } from './database.ts';
import {
  clusterContexts,
  clusterName,
  domain,
  httpUrl,
  integer,
  networks,
  objectName,
  optionalInteger,
  optionalText,
  origins,
  podResources,
  REGISTRY,
  secretKey,
  text,
} from './schemas.ts';
import { completeEnv } from './stack-env.ts';
import { traceSettings } from './traces.ts';
import { checkWorkerVersion, deploymentFrom, workerVersionSettings } from './worker-version.ts';

const DEFAULT_PORTS = { http: 80, https: 443 } as const;

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const Environment = z
  .object({
    // API
    HOST: text('127.0.0.1').describe(
      'Address on which the API listens. With another address than loopback, set PUBLIC_URL or ALLOWED_ORIGINS to the address that clients use',
    ),
    PORT: integer(3001, 0, 65_535).describe('Port on which the API listens'),
    ALLOWED_ORIGINS: origins().describe(
      'Origins at which clients reach the API other than the loopback address and PORT, such as `http://localhost:8080` for a port forward. Separate them by commas',
    ),
    METRICS_HOST: text('127.0.0.1').describe(
      'Address on which the API serves /metrics, apart from HOST and PORT, so that clients cannot read them. A Prometheus on another machine needs the address of the pod, or `0.0.0.0`',
    ),
    METRICS_PORT: integer(3003, 0, 65_535).describe('Port on which the API serves /metrics'),
    MAX_STREAMS_PER_CALLER: integer(200, 1, 10_000).describe(
      'Maximum number of event streams and long polls that a caller has open at one API process',
    ),
    ...authSettings,
    CORS_ORIGINS: origins().describe(
      'Origins of other web pages that may use the API with a token, such as `https://console.example.com`. Separate them by commas. Browsers never send the cookie of a session from there',
    ),
    TRUSTED_PROXY_HOPS: integer(0, 0, 10).describe(
      'Number of proxies in front of the API that add the address of their client to `X-Forwarded-For`. With 0, the header is ignored',
    ),
    MAX_STORES_PER_TENANT: integer(10, 1, 100_000).describe(
      'Maximum number of stores of a tenant. Deleted stores do not count',
    ),
    TOKEN_MAX_LIFETIME_DAYS: integer(365, 1, 3_650).describe('Maximum lifetime of an API token'),
    REQUESTS_PER_MINUTE_PER_ADDRESS: integer(6_000, 0, 1_000_000).describe(
      'Maximum number of requests per minute that one API process accepts from an address, or from the /64 network of an IPv6 address. 0: no limit',
    ),
    READS_PER_MINUTE_PER_PRINCIPAL: integer(3_000, 0, 1_000_000).describe(
      'Maximum number of reads per minute that one API process accepts from a principal. 0: no limit',
    ),
    CHANGES_PER_MINUTE_PER_TENANT: integer(600, 0, 1_000_000).describe(
      'Maximum number of changes per minute of a tenant, over all API processes. Operators can set another limit for a tenant. 0: no limit',
    ),
    // Records
    ...databaseSettings,
    // Temporal: @temporalio/envconfig reads all other TEMPORAL_ settings
    TEMPORAL_UI_URL: httpUrl('http://127.0.0.1:8233').describe('Base URL of links to the Temporal Web UI'),
    // Cluster
    KUBECONFIG: optionalText().describe(
      'Kubeconfig files that contain KUBE_CONTEXT, separated by colons. Without it, API and worker read ~/.kube/config',
    ),
    KUBE_CONTEXT: optionalText().describe(
      'Kubeconfig context of the cluster. It has no default, so the platform never changes a cluster by accident. Without it, the API cannot return credentials',
    ),
    CLUSTER_NAME: clusterName().describe(
      'Name of the cluster of KUBE_CONTEXT in the records and in the task queues. A worker runs the steps of the stores in its cluster only',
    ),
    CLUSTER_CONTEXTS: clusterContexts().describe(
      'Kubeconfig contexts of other clusters from which the API reads credentials, such as `eu-1=eu-1-reader,us-1=us-1-reader`. Without it, the API returns the credentials of the stores in CLUSTER_NAME only',
    ),
    CLUSTER_DNS_NETWORKS: networks().describe(
      'Networks of DNS resolvers that are not pods with the label `k8s-app=kube-dns` in `kube-system`, such as `169.254.20.10/32` for the node-local DNS. Separate them by commas',
    ),
    HELM_BIN: text('helm').describe('Path of the Helm 4 executable'),
    CHARTS_DIR: text('helm').describe('Folder with one chart per engine'),
    // Stores
    STORE_DOMAIN: domain('localhost').describe('Domain of the stores. Each store has a subdomain'),
    STORE_SCHEME: z
      .preprocess((value) => value || 'http', z.enum(['http', 'https'], 'must be http or https'))
      .describe('Scheme in the URLs of the stores. With `https`, the ingress or the gateway terminates TLS'),
    STORE_PORT: optionalInteger(1, 65_535).describe(
      'Port in the URLs of the stores. Default: 80, or 443 with STORE_SCHEME=https',
    ),
    STORE_TLS_ISSUER: objectName().describe(
      "Name of a ClusterIssuer of cert-manager, which issues one certificate for each store's Ingress",
    ),
    STORE_TLS_SECRET: objectName().describe(
      "Name of a TLS Secret that the cluster provides in each store's namespace. Without it and without STORE_TLS_ISSUER, the ingress uses its default certificate",
    ),
    STORE_CA_FILE: optionalText().describe(
      'PEM file with certificate authorities that the verification trusts in addition to the public ones',
    ),
    STORE_VALUES_FILE: optionalText().describe(
      'JSON file with chart values for all stores of an engine: {"medusa": {…}, "woocommerce": {…}}',
    ),
    STORE_QUOTA_EXTRA_PER_POD: podResources().describe(
      'CPU and memory of the containers that a service mesh or another webhook adds to each pod of a store, such as `cpu=2,memory=1Gi`. The quota of each namespace grows by it for every pod that it allows',
    ),
    IMAGE_REGISTRY: text('docker.io')
      .refine((value) => REGISTRY.test(value), {
        error: 'must be a registry such as registry.example.com:5000/hub, without a scheme',
      })
      .describe('Registry of every image whose repository names none, for a mirror or an own registry'),
    REQUIRE_IMAGE_DIGESTS: z
      .preprocess((value) => value || 'false', z.enum(['true', 'false']))
      .describe('Refuses images that are named by a tag only. Without it, the worker logs them once when it starts'),
    READY_DEADLINE_SECONDS: integer(900, 1, 7_200).describe('Time in which a release must become ready'),
    UNSCHEDULABLE_SECONDS: optionalInteger(1, 7_200).describe(
      'Time after which a pod that no node can schedule fails its provision. Without it, only READY_DEADLINE_SECONDS ends the wait. While an autoscaler adds a node, it does not apply',
    ),
    // Reconciler
    DRIFT_POLICY: z
      .preprocess((value) => value || 'repair', z.enum(['repair', 'report']))
      .describe('Action for a ready store that differs from its release: repair it, or only report it'),
    DRIFT_INTERVAL_SECONDS: integer(300, 10, 86_400).describe(
      'Interval between two comparisons of the cluster with the records',
    ),
    INSPECTIONS_PER_SECOND: integer(10, 1, 1_000).describe(
      'Maximum number of ready stores that are compared with their release per second. A pass over all stores takes stores ÷ rate',
    ),
    VERIFICATIONS_PER_SECOND: integer(5, 1, 1_000).describe(
      'Maximum number of ready stores whose checkout is verified per second. A pass over all stores takes stores ÷ rate',
    ),
    ORPHAN_GRACE_SECONDS: integer(3_600, 0, 31_536_000).describe(
      'Time between the discovery of an orphan and its removal',
    ),
    ORPHAN_MAX_REMOVALS: integer(5, 0, 1_000).describe(
      'Maximum number of orphans that may be due at once. If more are due, each of them waits for the approval of an operator',
    ),
    HOLD_SECONDS: integer(86_400, 10, 2_592_000).describe(
      'Time that a held provision waits for an operator before it is aborted',
    ),
    UNDELETE_WINDOW_SECONDS: integer(0, 0, 2_592_000).describe(
      'Undelete window of a delete request that does not specify one',
    ),
    RECORD_RETENTION_DAYS: integer(90, 31, 3_650).describe(
      'Days after which the record of a deleted store is erased, and the events of all stores with their deliveries to webhooks',
    ),
    // Webhooks
    WEBHOOK_SECRET_KEY: secretKey().describe(
      'Key that encrypts the secrets of webhooks: 32 bytes as base64, for example from `openssl rand -base64 32`. Without it, webhooks are off. API and workers need the same key',
    ),
    WEBHOOK_ALLOWED_NETWORKS: networks().describe(
      'Networks of receivers that are not public, such as `10.20.0.0/16`. In them, webhooks may also use http and other ports. Separate them by commas',
    ),
    WEBHOOK_SLOTS_PER_WORKER: integer(20, 1, 500).describe(
      'Maximum number of concurrent requests per worker to receivers of webhooks',
    ),
    AUDIT_RETENTION_DAYS: integer(365, 1, 3_650).describe('Days after which an entry of the audit log is erased'),
    // Worker
    CLUSTER_SLOTS_PER_WORKER: integer(8, 1, 64).describe('Maximum number of concurrent cluster activities per worker'),
    WATCH_SLOTS_PER_WORKER: integer(100, 1, 1_000).describe(
      'Maximum number of concurrent activities per worker that read the cluster or wait. Each store that starts takes one',
    ),
    MAX_RUNNING_PER_TENANT: integer(10, 1, 10_000).describe(
      'Maximum number of concurrent provisions of a tenant in a cluster. Further provisions wait for a tenant slot',
    ),
    MAX_CLUSTER_TASKS_PER_SECOND: integer(30, 1, 1_000).describe(
      'Maximum number of cluster activities per second that Temporal gives to all workers of a cluster together. Operators can change the rate at run time',
    ),
    WORKER_HEALTH_HOST: text('127.0.0.1').describe(
      'Address on which the worker serves /healthz, /readyz and /metrics. A kubelet needs the address of the pod, or `0.0.0.0`',
    ),
    WORKER_HEALTH_PORT: integer(3002, 0, 65_535).describe(
      'Port on which the worker serves /healthz, /readyz and /metrics',
    ),
    ...workerVersionSettings,
    WORKFLOW_BUNDLE: text('dist/workflow-bundle.js').describe('File with the bundled workflow code'),
    SHUTDOWN_GRACE_SECONDS: integer(20, 0, 600).describe(
      'Time that running requests and activities have to complete after SIGTERM',
    ),
    // All
    METRICS: z
      .preprocess((value) => value || 'on', z.enum(['on', 'off'], 'must be on or off'))
      .describe('With `off`, API and worker count nothing and serve no /metrics'),
    ...traceSettings,
    LOG_LEVEL: z.preprocess((value) => value || 'info', z.enum(LOG_LEVELS)).describe('Minimum level of log lines'),
  })
  .check(checkWorkerVersion)
  .check(checkStoreAddresses)
  .check(checkClusterContexts)
  .check(checkAuth)
  .transform((env) => ({
    ...env,
    STORE_PORT: env.STORE_PORT ?? DEFAULT_PORTS[env.STORE_SCHEME],
    databaseUrl: databaseUrlFrom(env),
    deployment: deploymentFrom(env),
    storeCertificate: storeCertificateFrom(env),
  }));

interface ClusterSettings {
  readonly CLUSTER_NAME: string;
  readonly CLUSTER_CONTEXTS: ReadonlyMap<string, string>;
}

/** Reports a cluster that has two contexts. */
function checkClusterContexts({ value: env, issues }: z.core.ParsePayload<ClusterSettings>): void {
  if (!env.CLUSTER_CONTEXTS.has(env.CLUSTER_NAME)) return;
  const message = `must not contain ${env.CLUSTER_NAME}, which is CLUSTER_NAME: its context is KUBE_CONTEXT`;
  issues.push({ code: 'custom', path: ['CLUSTER_CONTEXTS'], message, input: env });
}

interface StoreAddressSettings {
  readonly STORE_SCHEME: keyof typeof DEFAULT_PORTS;
  readonly STORE_PORT?: number | undefined;
  readonly STORE_TLS_ISSUER?: string | undefined;
  readonly STORE_TLS_SECRET?: string | undefined;
  readonly STORE_CA_FILE?: string | undefined;
}

/** Reports the settings of the addresses of stores that contradict each other. */
function checkStoreAddresses({ value: env, issues }: z.core.ParsePayload<StoreAddressSettings>): void {
  const report = (name: keyof StoreAddressSettings, message: string): void =>
    void issues.push({ code: 'custom', path: [name], message, input: env });
  const otherScheme = env.STORE_SCHEME === 'http' ? 'https' : 'http';
  if (env.STORE_PORT === DEFAULT_PORTS[otherScheme]) {
    report(
      'STORE_PORT',
      `${env.STORE_PORT} is the port of ${otherScheme}: set STORE_SCHEME=${otherScheme} or another port`,
    );
  }
  if (env.STORE_TLS_ISSUER !== undefined && env.STORE_TLS_SECRET !== undefined) {
    report('STORE_TLS_SECRET', 'must not be set together with STORE_TLS_ISSUER: a store has one certificate');
  }
  if (env.STORE_SCHEME === 'https') return;
  for (const name of ['STORE_TLS_ISSUER', 'STORE_TLS_SECRET', 'STORE_CA_FILE'] as const) {
    if (env[name] !== undefined) report(name, 'needs STORE_SCHEME=https');
  }
}

function storeCertificateFrom({ STORE_TLS_ISSUER: clusterIssuer, STORE_TLS_SECRET: secretName }: StoreAddressSettings) {
  if (clusterIssuer !== undefined) return { kind: 'issued', clusterIssuer } as const;
  return secretName === undefined ? undefined : ({ kind: 'provided', secretName } as const);
}

/** Connection settings that both `Connection.connect` and `NativeConnection.connect` accept. */
export interface TemporalSettings {
  readonly connectionOptions: ReturnType<typeof loadClientConnectConfig>['connectionOptions'];
  readonly namespace: string;
}

export interface Config extends z.output<typeof Environment> {
  readonly temporal: TemporalSettings;
  /** A warning for each setting that has a former name or no effect. The process logs them when it starts. */
  readonly deprecations: readonly string[];
}

type Env = Readonly<Record<string, string | undefined>>;

/** Former names of settings. They still work. */
const FORMER_NAMES = {
  MAX_STORES_PER_USER: 'MAX_STORES_PER_TENANT',
  UNDELETE_SECONDS: 'UNDELETE_WINDOW_SECONDS',
  HELM_SLOTS: 'CLUSTER_SLOTS_PER_WORKER',
} as const satisfies Readonly<Record<string, keyof z.input<typeof Environment>>>;

/** Settings that have no effect any more, each with the advice that the process logs. */
const REMOVED_SETTINGS = {
  MAX_CLUSTER_TASKS: 'Limit the load with CLUSTER_SLOTS_PER_WORKER and MAX_CLUSTER_TASKS_PER_SECOND',
  MAX_HELM_TASKS: 'Limit the load with CLUSTER_SLOTS_PER_WORKER and MAX_CLUSTER_TASKS_PER_SECOND',
} as const;

/** Returns the environment with former names replaced. When both names are set, the present name wins. */
function withPresentNames(env: Env): { readonly env: Env; readonly deprecations: readonly string[] } {
  const former = Object.entries(FORMER_NAMES).filter(([name]) => (env[name] ?? '') !== '');
  const renamed = former.map(([name, present]) => [present, env[name]] as const);
  const given = Object.entries(env).filter(([, value]) => (value ?? '') !== '');
  return {
    env: { ...env, ...Object.fromEntries(renamed), ...Object.fromEntries(given) },
    deprecations: [
      ...former.map(([name, present]) => `The setting ${name} is deprecated. Use ${present} instead.`),
      ...Object.entries(REMOVED_SETTINGS)
        .filter(([name]) => (env[name] ?? '') !== '')
        .map(([name, advice]) => `The setting ${name} has no effect. ${advice} instead.`),
    ],
  };
}

/**
 * Reads and validates all settings. `env` overrides `stackEnv`, the settings that a running local stack writes to its state
 * folder.
 *
 * @throws Error that lists every problem, one line each, with the name of the variable.
 */
export function loadConfig(env: Env, stackEnv: Env = {}): Config {
  const { env: present, deprecations } = withPresentNames(env);
  const merged = completeEnv(present, stackEnv);
  const problems: string[] = [];
  const parsed = Environment.safeParse(merged);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.push(`${issue.path.join('.')}: ${issue.message}`);
  }
  let temporal: TemporalSettings | undefined;
  try {
    const loaded = loadClientConnectConfig({ overrideEnvVars: definedOnly(merged) });
    temporal = { connectionOptions: loaded.connectionOptions, namespace: loaded.namespace ?? 'default' };
  } catch (error) {
    problems.push(`TEMPORAL_…: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!parsed.success || temporal === undefined) {
    throw new Error(`bad configuration\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
  return { ...parsed.data, temporal, deprecations };
}

function definedOnly(env: Env): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Returns the name and the description of every setting, for the table of settings and for `--help`. */
export function describeSettings(): readonly { readonly name: string; readonly description: string }[] {
  return Object.entries(Environment.in.shape).map(([name, schema]) => ({
    name,
    description: schema.description ?? '',
  }));
}
