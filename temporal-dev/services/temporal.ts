import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { directToLoopback } from '../../temporal/direct-connection.ts';
import { SEARCH_ATTRIBUTE_NAMES } from '../../workflows/search-attributes.ts';
import { portNeeds } from '../processes/ports.ts';
import { minimalEnvironment, type ServiceContext, type ServiceEnv } from '../service.ts';
import { writePrivateFile } from '../files.ts';

/** Starts the Temporal development server with its Web UI. A temporary stack keeps its state in memory only. */
export async function startTemporal(
  context: ServiceContext,
  { namespace, fairness }: { readonly namespace: string; readonly fairness: boolean },
): Promise<ServiceEnv> {
  const { folder, ports, signal, supervisor, toolPath, durable } = context;
  const home = join(folder.path, 'temporal');
  const address = `127.0.0.1:${ports.temporal}`;
  // Without this file, clients would read the user's own Temporal profile, which may name another server.
  const configFile = join(home, 'temporal.toml');
  writePrivateFile(configFile, `[profile.default]\naddress = "${address}"\nnamespace = "${namespace}"\n`);
  await supervisor.start(
    {
      name: 'temporal',
      command: toolPath('temporal'),
      args: [
        'server',
        'start-dev',
        '--ip=127.0.0.1',
        `--port=${ports.temporal}`,
        `--ui-port=${ports.temporalUi}`,
        `--http-port=${ports.temporalHttp}`,
        `--metrics-port=${ports.temporalMetrics}`,
        '--log-level=warn',
        `--namespace=${namespace}`,
        ...(durable ? ['--db-filename', join(home, 'temporal.db')] : []),
        ...SEARCH_ATTRIBUTE_NAMES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
        // Fairness: the burst of one tenant must not delay the tasks of other tenants.
        `--dynamic-config-value=matching.enableFairness=${fairness}`,
        // Fairness applies within a partition. One partition is enough for some hundred tasks per second.
        '--dynamic-config-value=matching.numTaskqueueReadPartitions=1',
        '--dynamic-config-value=matching.numTaskqueueWritePartitions=1',
        // A lost machine does not close its connections. Until the server closes them, it gives tasks to the open polls.
        '--dynamic-config-value=frontend.keepAliveTime="5s"',
        '--dynamic-config-value=frontend.keepAliveTimeout="5s"',
      ],
      env: minimalEnvironment(),
      ports: portNeeds(ports, 'temporal', 'temporalUi', 'temporalHttp', 'temporalMetrics'),
      probe: () => requireSearchAttributes(address, namespace),
      readyDeadlineMs: 60_000,
      stop: { signal: 'SIGTERM', graceMs: 10_000 },
    },
    signal,
  );
  return {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    TEMPORAL_CONFIG_FILE: configFile,
    TEMPORAL_UI_URL: `http://127.0.0.1:${ports.temporalUi}`,
  };
}

/** The server registers the search attributes last. When they exist, it accepts workflow starts. */
async function requireSearchAttributes(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect(directToLoopback({ address, connectTimeout: 2_000 }));
  try {
    const known = await connection.withDeadline(Date.now() + 2_000, () =>
      connection.operatorService.listSearchAttributes({ namespace }),
    );
    const missing = SEARCH_ATTRIBUTE_NAMES.filter((name) => !Object.hasOwn(known.customAttributes ?? {}, name));
    if (missing.length > 0) throw new Error(`search attributes not registered yet: ${missing.join(', ')}`);
  } finally {
    await connection.close();
  }
}
