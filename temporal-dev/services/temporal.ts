import { join } from 'node:path';
import { SEARCH_ATTRIBUTE_NAMES } from '../../workflows/search-attributes.ts';
import { portNeeds } from '../processes/ports.ts';
import { minimalEnvironment, type ServiceContext, type ServiceEnv, type TemporalOptions } from '../service.ts';
import { dynamicConfig, requireSearchAttributes, temporalClientEnv, withConnection } from './temporal-settings.ts';

/** Starts the Temporal development server with its Web UI. A temporary stack keeps its state in memory only. */
export async function startTemporal(
  context: ServiceContext,
  { namespace, fairness }: Pick<TemporalOptions, 'namespace' | 'fairness'>,
): Promise<ServiceEnv> {
  const { folder, ports, signal, supervisor, toolPath, durable } = context;
  const env = temporalClientEnv(context, namespace);
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
        ...(durable ? ['--db-filename', join(folder.path, 'temporal', 'temporal.db')] : []),
        ...SEARCH_ATTRIBUTE_NAMES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
        ...Object.entries(dynamicConfig(fairness)).map(
          ([name, value]) => `--dynamic-config-value=${name}=${JSON.stringify(value)}`,
        ),
      ],
      env: minimalEnvironment(),
      ports: portNeeds(ports, 'temporal', 'temporalUi', 'temporalHttp', 'temporalMetrics'),
      // The server registers the search attributes last. When they exist, it accepts workflow starts.
      probe: () =>
        withConnection(`127.0.0.1:${ports.temporal}`, (connection) => requireSearchAttributes(connection, namespace)),
      readyDeadlineMs: 60_000,
      stop: { signal: 'SIGTERM', graceMs: 10_000 },
    },
    signal,
  );
  return env;
}
