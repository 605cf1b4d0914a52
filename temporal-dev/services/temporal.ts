import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTE_NAMES } from '../../workflows/search-attributes.ts';
import { plainEnvironment, type ServiceContext, type ServiceEnv } from '../service.ts';
import { writePrivateFile } from '../files.ts';

/** Starts Temporal's development server with its Web UI. A throw-away stack keeps nothing on disk. */
export async function startTemporal(
  context: ServiceContext,
  { namespace, fairness }: { readonly namespace: string; readonly fairness: boolean },
): Promise<ServiceEnv> {
  const { folder, ports, signal, supervisor, toolPath, durable } = context;
  const home = join(folder.path, 'temporal');
  const address = `127.0.0.1:${ports.temporal}`;
  // Keeps the profile that the user may have for a server elsewhere out of the connection to ours.
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
        // One tenant's burst must not hold back the others' tasks.
        `--dynamic-config-value=matching.enableFairness=${fairness}`,
        // Turns are taken within a partition; one is enough for some hundred tasks per second.
        '--dynamic-config-value=matching.numTaskqueueReadPartitions=1',
        '--dynamic-config-value=matching.numTaskqueueWritePartitions=1',
      ],
      env: plainEnvironment(),
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

/** The search attributes come last in the server's own start: with them, workflows can be started. */
async function requireSearchAttributes(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 2_000 });
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
