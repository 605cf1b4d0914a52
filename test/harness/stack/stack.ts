import { randomBytes } from 'node:crypto';
import {
  AppsV1Api,
  BatchV1Api,
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  NetworkingV1Api,
} from '@kubernetes/client-node';
import { Client } from 'pg';
import { migrateDatabase } from '../../../db/connection/migrate.ts';
import { eventually } from '../eventually.ts';

export { eventually };

/** Environment variables of the stack that all tests of the run share, as the API and the worker read them. */
export type TestStackEnv = Readonly<
  Record<
    | 'DATABASE_URL'
    | 'TEMPORAL_ADDRESS'
    | 'TEMPORAL_NAMESPACE'
    | 'TEMPORAL_CONFIG_FILE'
    | 'TEMPORAL_UI_URL'
    | 'KUBECONFIG'
    | 'KUBE_CONTEXT'
    | 'HELM_BIN'
    | 'WORKFLOW_BUNDLE'
    | 'COMPILED_PLATFORM',
    string
  >
>;

/**
 * Returns the settings of this run's stack: Postgres, Temporal, a Kubernetes API server with simulated nodes, Helm, the
 * workflow bundle and the compiled API and worker.
 *
 * @throws Error if the test file is not named `*.stack.test.ts`.
 */
export function testStack(): TestStackEnv {
  const json = process.env['STORE_PLATFORM_TEST_STACK'];
  if (json === undefined) throw new Error('no test stack is running: only files named *.stack.test.ts have one');
  return JSON.parse(json) as TestStackEnv; // global-setup.js writes this variable
}

export interface TestDatabase {
  readonly url: string;
  /** Drops the database and closes its open connections. */
  drop(): Promise<void>;
}

const TEMPLATE = 'store_template';
/** An arbitrary advisory lock id. The lock is held in the maintenance database, which no test uses. */
const TEMPLATE_LOCK = 4_190_551;

/** Limit of a statement: one that hangs fails its hook. The clone of the template takes a second on a busy machine. */
const ANSWER_LIMIT_MS = 60_000;

/** Creates a migrated database for one test file. It is a clone of a template that is created once per run. */
export async function createDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asMaintainer(async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [TEMPLATE]);
    if (rowCount === 0) await createTemplate(client);
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  });
  return {
    url: urlOfDatabase(name),
    // Autovacuum may be working in the database. Only a superuser can end it, but it ends by itself.
    drop: () =>
      asMaintainer(async (client) => {
        const drop = () => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
        await eventually(() => drop().then(() => true));
      }),
  };
}

/** Creates the template under a draft name first, so that a failed migration leaves no incomplete template. */
async function createTemplate(client: Client): Promise<void> {
  const draft = `${TEMPLATE}_draft`;
  await client.query(`DROP DATABASE IF EXISTS ${draft} WITH (FORCE)`);
  await client.query(`CREATE DATABASE ${draft}`);
  await migrateDatabase(urlOfDatabase(draft));
  await client.query(`ALTER DATABASE ${draft} RENAME TO ${TEMPLATE}`);
}

async function asMaintainer<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({
    connectionString: testStack().DATABASE_URL,
    connectionTimeoutMillis: ANSWER_LIMIT_MS,
    query_timeout: ANSWER_LIMIT_MS,
  });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function urlOfDatabase(name: string): string {
  const url = new URL(testStack().DATABASE_URL);
  url.pathname = `/${name}`;
  return url.href;
}

/** Returns Kubernetes clients for the stack's cluster, with cluster-admin rights. */
export function kubeClients() {
  const config = new KubeConfig();
  config.loadFromFile(testStack().KUBECONFIG);
  config.setCurrentContext(testStack().KUBE_CONTEXT);
  return {
    config,
    core: config.makeApiClient(CoreV1Api),
    apps: config.makeApiClient(AppsV1Api),
    batch: config.makeApiClient(BatchV1Api),
    networking: config.makeApiClient(NetworkingV1Api),
    objects: KubernetesObjectApi.makeApiClient(config),
  };
}

/** Returns a name that no other test uses and that is a valid DNS label, for task queues, namespaces and tenants. */
export function uniqueName(prefix = 'test'): string {
  return `${prefix}-${randomBytes(5).toString('hex')}`;
}
