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

export { eventually } from '../eventually.ts';

/** Settings of the stack that the run's tests share, as the platform's processes take them from the environment. */
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
    | 'WORKFLOW_BUNDLE',
    string
  >
>;

/** The stack of this run: real Postgres, Temporal, Kubernetes API with simulated nodes, Helm, and the workflow bundle. */
export function testStack(): TestStackEnv {
  const json = process.env['STORE_PLATFORM_TEST_STACK'];
  if (json === undefined) throw new Error('there is no test stack: only files named *.stack.test.ts have one');
  return JSON.parse(json) as TestStackEnv; // written by global-setup.js from a started stack
}

export interface TestDatabase {
  readonly url: string;
  /** Ends open connections, too. */
  drop(): Promise<void>;
}

const TEMPLATE = 'store_template';
/** Any number that no code under test locks; the lock is taken in a database that tests do not use. */
const TEMPLATE_LOCK = 4_190_551;

/** A migrated database for one test file, cloned from a template that is made once in a run. */
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
    drop: () =>
      asMaintainer(async (client) => void (await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))),
  };
}

/** Under a draft name first: a migration that fails leaves no half-made template. */
async function createTemplate(client: Client): Promise<void> {
  const draft = `${TEMPLATE}_draft`;
  await client.query(`DROP DATABASE IF EXISTS ${draft} WITH (FORCE)`);
  await client.query(`CREATE DATABASE ${draft}`);
  await migrateDatabase(urlOfDatabase(draft));
  await client.query(`ALTER DATABASE ${draft} RENAME TO ${TEMPLATE}`);
}

async function asMaintainer<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: testStack().DATABASE_URL });
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

/** Clients of the stack's cluster, with all rights. */
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

/** A name that no other test uses, valid as a DNS label: task queues, namespaces, tenants. */
export function uniqueName(prefix = 'test'): string {
  return `${prefix}-${randomBytes(5).toString('hex')}`;
}
