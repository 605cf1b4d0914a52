import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { directToLoopback } from '../../temporal/direct-connection.ts';
import { SEARCH_ATTRIBUTE_NAMES } from '../../workflows/search-attributes.ts';
import { writePrivateFile } from '../files.ts';
import type { ServiceContext, ServiceEnv } from '../service.ts';

/** Longest time for one call of a probe. */
const CALL_DEADLINE_MS = 2_000;

/** Returns the dynamic configuration of the server, by the names of its settings. */
export function dynamicConfig(fairness: boolean): Readonly<Record<string, boolean | number | string>> {
  return {
    // Fairness: the burst of one tenant must not delay the tasks of other tenants.
    'matching.enableFairness': fairness,
    // Fairness applies within a partition. One partition is enough for some hundred tasks per second.
    'matching.numTaskqueueReadPartitions': 1,
    'matching.numTaskqueueWritePartitions': 1,
    // A lost machine does not close its connections. Until the server closes them, it gives tasks to the open polls.
    'frontend.keepAliveTime': '5s',
    'frontend.keepAliveTimeout': '5s',
  };
}

/** Writes a profile for clients of the server. Returns the settings that connect the platform to it. */
export function temporalClientEnv(
  { folder, ports }: Pick<ServiceContext, 'folder' | 'ports'>,
  namespace: string,
): ServiceEnv {
  const address = `127.0.0.1:${ports.temporal}`;
  // Without this file, clients would read the user's own Temporal profile, which may name another server.
  const configFile = join(folder.path, 'temporal', 'temporal.toml');
  writePrivateFile(configFile, `[profile.default]\naddress = "${address}"\nnamespace = "${namespace}"\n`);
  return {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    TEMPORAL_CONFIG_FILE: configFile,
    TEMPORAL_UI_URL: `http://127.0.0.1:${ports.temporalUi}`,
  };
}

/** Runs work on a connection whose calls take a few seconds at most, then closes it. */
export async function withConnection(address: string, work: (connection: Connection) => Promise<void>): Promise<void> {
  const connection = await Connection.connect(directToLoopback({ address, connectTimeout: CALL_DEADLINE_MS }));
  try {
    await connection.withDeadline(Date.now() + CALL_DEADLINE_MS, () => work(connection));
  } finally {
    await connection.close();
  }
}

/** @throws Error that names the search attributes which the namespace does not have. */
export async function requireSearchAttributes(
  { operatorService }: Pick<Connection, 'operatorService'>,
  namespace: string,
): Promise<void> {
  const known = await operatorService.listSearchAttributes({ namespace });
  const missing = SEARCH_ATTRIBUTE_NAMES.filter((name) => !Object.hasOwn(known.customAttributes ?? {}, name));
  if (missing.length > 0) throw new Error(`search attributes not registered yet: ${missing.join(', ')}`);
}
