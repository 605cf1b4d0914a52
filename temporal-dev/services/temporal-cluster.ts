import { join } from 'node:path';
import type { Connection } from '@temporalio/client';
import { isNotFound } from '../../temporal/grpc-errors.ts';
import { registerSearchAttributes } from '../../temporal/register-search-attributes.ts';
import { writePrivateFile } from '../files.ts';
import { portNeed, portNeeds, type Ports } from '../processes/ports.ts';
import { requireOk } from '../processes/require-ok.ts';
import type { ProcessSpec } from '../processes/supervisor.ts';
import { minimalEnvironment, type ServiceContext, type ServiceEnv, type TemporalOptions } from '../service.ts';
import { openLoadBalancer } from './load-balancer.ts';
import { TEMPORAL_NODES, type TemporalNode } from './temporal-nodes.ts';
import {
  POSTGRES_PLUGIN,
  prepareTemporalDatabase,
  TEMPORAL_DATABASES,
  type TemporalDatabase,
} from './temporal-schema.ts';
import { dynamicConfig, requireSearchAttributes, temporalClientEnv, withConnection } from './temporal-settings.ts';

/** Each node owns half of the shards, and gets the other half when the other node is lost. It can never be changed. */
const HISTORY_SHARDS = 8;
/** The development server keeps closed runs for a day, too. */
const RETENTION_SECONDS = 86_400;
/** Time until a lost node is started again: long enough to see the other node work alone. */
const RESTART_AFTER_MS = 5_000;

/** Starts the nodes of a Temporal cluster on the Postgres of the stack, one address for its clients, and the Web UI. */
export async function startTemporalCluster(context: ServiceContext, options: TemporalOptions): Promise<ServiceEnv> {
  const { folder, ports, signal, supervisor } = context;
  const database = await prepareTemporalDatabase(context, await options.databaseUrl());
  const env = temporalClientEnv(context, options.namespace);
  const dynamicConfigFile = join(folder.path, 'temporal', 'dynamic-config.json');
  writePrivateFile(dynamicConfigFile, dynamicConfigText(options.fairness));
  // One after the other: the first node creates the record of the cluster.
  for (const node of TEMPORAL_NODES) {
    await supervisor.start(nodeProcess({ node, context, database, dynamicConfigFile, options }), signal);
  }
  // A client has one address. The SDK accepts no list of addresses, and its load balancing needs a DNS name with several
  // addresses, which a machine does not have for loopback. In production, a Service of Kubernetes or another TCP load balancer
  // has this place.
  const balancer = await openLoadBalancer(
    ports.temporal,
    TEMPORAL_NODES.map(({ host }) => ({ host, port: ports.temporal })),
  );
  supervisor.onStop(() => balancer.close());
  await supervisor.start(webUiProcess(context, options.namespace), signal);
  return env;
}

/** Returns a file of dynamic configuration. It is YAML, which includes JSON. */
function dynamicConfigText(fairness: boolean): string {
  const entries = Object.entries(dynamicConfig(fairness)).map(([name, value]) => [name, [{ value }]]);
  return JSON.stringify(Object.fromEntries(entries), undefined, 2);
}

function nodeProcess({
  node,
  context,
  database,
  dynamicConfigFile,
  options,
}: {
  readonly node: TemporalNode;
  readonly context: ServiceContext;
  readonly database: TemporalDatabase;
  readonly dynamicConfigFile: string;
  readonly options: TemporalOptions;
}): ProcessSpec {
  const { ports, toolPath, report } = context;
  return {
    name: node.name,
    command: toolPath('temporal-server'),
    args: ['--allow-no-auth', 'start'],
    env: {
      ...minimalEnvironment(),
      ...databaseSettings(database),
      ...networkSettings(node, ports),
      NUM_HISTORY_SHARDS: String(HISTORY_SHARDS),
      DYNAMIC_CONFIG_FILE_PATH: dynamicConfigFile,
      LOG_LEVEL: 'warn',
    },
    ports: [{ ...portNeed(ports, 'temporal'), host: node.host }],
    probe: () =>
      withConnection(`${node.host}:${ports.temporal}`, (connection) => prepareNamespace(connection, options.namespace)),
    readyDeadlineMs: 60_000,
    stop: { signal: 'SIGTERM', graceMs: 10_000 },
    ...(options.restartNodes ? { restart: { afterMs: RESTART_AFTER_MS, report } } : {}),
  };
}

function databaseSettings({ host, port, user, password }: TemporalDatabase): Readonly<Record<string, string>> {
  return {
    DB: POSTGRES_PLUGIN,
    POSTGRES_SEEDS: host,
    DB_PORT: port,
    POSTGRES_USER: user,
    POSTGRES_PWD: password,
    DBNAME: TEMPORAL_DATABASES.main.name,
    VISIBILITY_DBNAME: TEMPORAL_DATABASES.visibility.name,
  };
}

function networkSettings({ host }: TemporalNode, ports: Ports): Readonly<Record<string, string>> {
  return {
    BIND_ON_IP: host,
    TEMPORAL_BROADCAST_ADDRESS: host,
    PROMETHEUS_ENDPOINT: `${host}:${ports.temporalMetrics}`,
    FRONTEND_GRPC_PORT: String(ports.temporal),
    FRONTEND_HTTP_PORT: String(ports.temporalHttp),
    FRONTEND_MEMBERSHIP_PORT: String(ports.temporalMembership),
    HISTORY_GRPC_PORT: String(ports.temporalHistory),
    HISTORY_MEMBERSHIP_PORT: String(ports.temporalHistoryMembership),
    MATCHING_GRPC_PORT: String(ports.temporalMatching),
    MATCHING_MEMBERSHIP_PORT: String(ports.temporalMatchingMembership),
    WORKER_GRPC_PORT: String(ports.temporalWorker),
    WORKER_MEMBERSHIP_PORT: String(ports.temporalWorkerMembership),
  };
}

/** Creates the namespace with its search attributes. Repeatable, so it also serves as the readiness probe. */
async function prepareNamespace(connection: Connection, namespace: string): Promise<void> {
  const { workflowService } = connection;
  try {
    await workflowService.describeNamespace({ namespace });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: RETENTION_SECONDS as never }, // the protobuf type requires a Long; the server accepts a number
    });
  }
  await registerSearchAttributes(connection, namespace);
  await requireSearchAttributes(connection, namespace);
}

function webUiProcess({ folder, ports, toolPath }: ServiceContext, namespace: string): ProcessSpec {
  const home = join(folder.path, 'temporal', 'ui');
  const url = `http://127.0.0.1:${ports.temporalUi}`;
  const settings = {
    temporalGrpcAddress: `127.0.0.1:${ports.temporal}`,
    host: '127.0.0.1',
    port: ports.temporalUi,
    enableUi: true,
    cors: { allowOrigins: [url] },
    defaultNamespace: namespace,
    disableNewsFetch: true,
  };
  writePrivateFile(join(home, 'base.yaml'), JSON.stringify(settings));
  return {
    name: 'temporal-ui',
    command: toolPath('temporal-ui-server'),
    args: ['--root', home, '--config', '.', 'start'],
    env: minimalEnvironment(),
    ports: portNeeds(ports, 'temporalUi'),
    probe: (signal) => requireOk(`${url}/healthz`, signal),
    readyDeadlineMs: 60_000,
  };
}
