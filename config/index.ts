import { loadClientConnectConfig } from '@temporalio/envconfig';
import { z } from 'zod';
import { completeEnv } from './stack-env.ts';

/** Integer from the environment; the empty string counts as not given, as in shells. */
function integer(fallback: number, min: number, max: number) {
  return z.preprocess(
    (value) => (value === '' || value === undefined ? fallback : value),
    z.coerce.number(`must be a whole number from ${min} to ${max}`).int().min(min).max(max),
  );
}

function text(fallback: string) {
  return z.preprocess((value) => (value === '' || value === undefined ? fallback : value), z.string());
}

function optionalText() {
  return z.preprocess((value) => (value === '' ? undefined : value), z.string().optional());
}

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const Environment = z
  .object({
    // API
    HOST: text('127.0.0.1').describe('Address the API listens on. Loopback: there is no authentication yet'),
    PORT: integer(3001, 0, 65_535).describe('Port of the API'),
    MAX_STORES_PER_TENANT: integer(10, 1, 100_000).describe(
      'Stores a tenant may have at once, deleted ones not counted',
    ),
    // Records
    DATABASE_URL: optionalText().describe('Postgres connection string; wins over the DB_ settings'),
    DB_HOST: text('127.0.0.1').describe('Postgres host'),
    DB_PORT: integer(5432, 1, 65_535).describe('Postgres port'),
    DB_NAME: text('store_platform').describe('Postgres database'),
    DB_USER: text('store_platform').describe('Postgres role'),
    DB_PASSWORD: text('').describe('Password of the role'),
    DB_POOL_SIZE: integer(10, 1, 200).describe('Connections a process may hold'),
    // Temporal: all other TEMPORAL_ settings are read by @temporalio/envconfig
    TEMPORAL_UI_URL: text('http://127.0.0.1:8233').describe('Where links into the Temporal Web UI lead'),
    // Cluster
    KUBECONFIG: optionalText().describe('Kubeconfig file to take KUBE_CONTEXT from'),
    KUBE_CONTEXT: optionalText().describe(
      "Context to use. Never guessed: without it no cluster of the user's is touched",
    ),
    HELM_BIN: text('helm').describe('Helm 4 executable'),
    CHARTS_DIR: text('helm').describe('Folder that holds one chart per engine'),
    // Stores
    STORE_DOMAIN: text('localhost').describe('Stores are served below this domain'),
    STORE_PORT: integer(80, 1, 65_535).describe('Port in the URLs of stores'),
    STORE_VALUES_FILE: optionalText().describe(
      'JSON file with chart values for all stores of an engine: {"medusa": {…}, "woocommerce": {…}}',
    ),
    READY_DEADLINE_SECONDS: integer(900, 1, 7_200).describe('How long a release may take to become ready'),
    // Reconciler
    DRIFT_POLICY: z
      .preprocess((value) => value || 'repair', z.enum(['repair', 'report']))
      .describe('What is done about a ready store that differs from what was installed'),
    DRIFT_INTERVAL_SECONDS: integer(300, 10, 86_400).describe('How often the cluster is compared with the records'),
    ORPHAN_GRACE_SECONDS: integer(3_600, 0, 31_536_000).describe('How long an orphan is left before it is removed'),
    ORPHAN_MAX_REMOVALS: integer(5, 0, 1_000).describe('Orphans removed at once; if more are due, none is removed'),
    HOLD_SECONDS: integer(86_400, 10, 2_592_000).describe('How long a held provision waits for an operator'),
    UNDELETE_WINDOW_SECONDS: integer(0, 0, 2_592_000).describe(
      'How long a delete can be taken back, unless it says otherwise',
    ),
    // Worker
    CLUSTER_SLOTS_PER_WORKER: integer(8, 1, 64).describe('Cluster activities that a worker runs at once'),
    MAX_RUNNING_PER_TENANT: integer(10, 1, 10_000).describe(
      'Provisions of a tenant that run at once; more wait their turn',
    ),
    MAX_CLUSTER_TASKS: integer(32, 1, 1_000).describe('Cluster activities that all workers together run at once'),
    WORKER_HEALTH_PORT: integer(3002, 0, 65_535).describe("Port of the worker's /healthz on loopback"),
    WORKER_DEPLOYMENT: optionalText().describe(
      'Name of the worker deployment: pins runs to the version that began them',
    ),
    WORKER_BUILD_ID: optionalText().describe('Version of this worker; goes with WORKER_DEPLOYMENT'),
    WORKFLOW_BUNDLE: text('dist/workflow-bundle.js').describe('Workflow code, bundled ahead'),
    SHUTDOWN_GRACE_SECONDS: integer(20, 0, 600).describe('How long running work may take to end after SIGTERM'),
    // All
    LOG_LEVEL: z.preprocess((value) => value || 'info', z.enum(LOG_LEVELS)).describe('pino level'),
  })
  .refine((env) => (env.WORKER_DEPLOYMENT === undefined) === (env.WORKER_BUILD_ID === undefined), {
    path: ['WORKER_BUILD_ID'],
    message: 'goes together with WORKER_DEPLOYMENT: give both or none',
  })
  .transform((env) => ({
    ...env,
    databaseUrl: env.DATABASE_URL ?? databaseUrlFrom(env),
    deployment: deploymentFrom(env),
  }));

function deploymentFrom(env: {
  readonly WORKER_DEPLOYMENT?: string | undefined;
  readonly WORKER_BUILD_ID?: string | undefined;
}): { readonly name: string; readonly buildId: string } | undefined {
  if (env.WORKER_DEPLOYMENT === undefined || env.WORKER_BUILD_ID === undefined) return undefined;
  return { name: env.WORKER_DEPLOYMENT, buildId: env.WORKER_BUILD_ID };
}

function databaseUrlFrom(db: {
  readonly DB_HOST: string;
  readonly DB_PORT: number;
  readonly DB_NAME: string;
  readonly DB_USER: string;
  readonly DB_PASSWORD: string;
}): string {
  const password = db.DB_PASSWORD === '' ? '' : `:${encodeURIComponent(db.DB_PASSWORD)}`;
  return `postgres://${encodeURIComponent(db.DB_USER)}${password}@${db.DB_HOST}:${db.DB_PORT}/${encodeURIComponent(db.DB_NAME)}`;
}

/** Connection settings in the shape that both `Connection.connect` and `NativeConnection.connect` take. */
export interface TemporalSettings {
  readonly connectionOptions: ReturnType<typeof loadClientConnectConfig>['connectionOptions'];
  readonly namespace: string;
}

export interface Config extends z.output<typeof Environment> {
  readonly temporal: TemporalSettings;
  /** One sentence for each former name that is in use. The process logs them at its start. */
  readonly deprecations: readonly string[];
}

type Env = Readonly<Record<string, string | undefined>>;

/** Former names of settings. They still work. */
const FORMER_NAMES = {
  MAX_STORES_PER_USER: 'MAX_STORES_PER_TENANT',
  UNDELETE_SECONDS: 'UNDELETE_WINDOW_SECONDS',
  HELM_SLOTS: 'CLUSTER_SLOTS_PER_WORKER',
  MAX_HELM_TASKS: 'MAX_CLUSTER_TASKS',
} as const satisfies Readonly<Record<string, keyof z.input<typeof Environment>>>;

/** Returns the environment with former names replaced. A setting that is given under both names keeps the new one. */
function withPresentNames(env: Env): { readonly env: Env; readonly deprecations: readonly string[] } {
  const former = Object.entries(FORMER_NAMES).filter(([name]) => (env[name] ?? '') !== '');
  const renamed = former.map(([name, present]) => [present, env[name]] as const);
  const given = Object.entries(env).filter(([, value]) => (value ?? '') !== '');
  return {
    env: { ...env, ...Object.fromEntries(renamed), ...Object.fromEntries(given) },
    deprecations: former.map(([name, present]) => `The setting ${name} is deprecated. Use ${present} instead.`),
  };
}

/**
 * Reads and checks all settings once. `env` wins; what it does not give comes from `stackEnv`, the settings that a
 * running local stack leaves in its state folder.
 *
 * @throws Error that lists every problem at once, one line each, naming the variable.
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

/** Settings with their defaults, for the README's table and `--help`. */
export function describeSettings(): readonly { readonly name: string; readonly description: string }[] {
  return Object.entries(Environment.in.shape).map(([name, schema]) => ({
    name,
    description: schema.description ?? '',
  }));
}
