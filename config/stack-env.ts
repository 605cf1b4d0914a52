import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';

type Env = Readonly<Record<string, string | undefined>>;

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));

/** Returns the state folder of the local stack: `STORE_PLATFORM_STATE`, or `.state` in the repository. */
export function stateDirOf(env: Env): string {
  const given = env['STORE_PLATFORM_STATE'];
  return resolve(REPOSITORY, given === undefined || given === '' ? '.state' : given);
}

/** Returns the path of the file to which a running stack writes its settings. Other processes read it. */
export function stackEnvFile(stateDir: string): string {
  return resolve(stateDir, 'stack.env');
}

/** Formats settings as a `.env` file, one line per setting. */
export function formatStackEnv(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .map(([name, value]) => `${name}=${value.includes("'") ? `"${value}"` : `'${value}'`}\n`)
    .join('');
}

/** Reads the settings of the running local stack. Returns an empty object when no stack runs. */
export async function readStackEnv(
  // oxlint-disable-next-line node/no-process-env -- this runs before the configuration is loaded
  stateDir: string = stateDirOf(process.env),
): Promise<Env> {
  try {
    return parseEnv(await readFile(stackEnvFile(stateDir), 'utf8'));
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
}

/** Services that the environment configures. The local stack does not provide them. */
export interface GivenServices {
  readonly database: boolean;
  readonly temporal: boolean;
  readonly cluster: boolean;
}

/** If the environment sets one of `namedBy`, it configures the whole group: settings of two servers are never mixed. */
const GROUPS = {
  database: { namedBy: ['DATABASE_URL', 'DB_HOST'], settings: ['DATABASE_URL'], ambient: [] },
  temporal: {
    namedBy: ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE'],
    settings: ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'TEMPORAL_CONFIG_FILE', 'TEMPORAL_UI_URL'],
    ambient: ['TEMPORAL_CONFIG_FILE'],
  },
  cluster: {
    namedBy: ['KUBE_CONTEXT'],
    settings: ['KUBECONFIG', 'KUBE_CONTEXT', 'CLUSTER_DNS_NETWORKS', 'STORE_VALUES_FILE'],
    ambient: ['KUBECONFIG'],
  },
} as const satisfies Record<
  keyof GivenServices,
  {
    readonly namedBy: readonly string[];
    readonly settings: readonly string[];
    /** Settings that users also set for other tools. They name no server, so the stack overrides them unless `namedBy` is set. */
    readonly ambient: readonly string[];
  }
>;

/** Returns which services the environment configures. */
export function givenServices(env: Env): GivenServices {
  const isGiven = (group: keyof GivenServices): boolean =>
    GROUPS[group].namedBy.some((name) => env[name] !== undefined && env[name] !== '');
  return { database: isGiven('database'), temporal: isGiven('temporal'), cluster: isGiven('cluster') };
}

/**
 * Completes the environment with the settings of a local stack. For a service that the environment configures, no setting of
 * the stack is used. For any other service, the settings of the stack apply. In all other settings the environment wins.
 */
export function completeEnv(env: Env, stackEnv: Env): Env {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const merged: Record<string, string | undefined> = { ...stackEnv, ...given };
  const isGiven = givenServices(env);
  for (const group of ['database', 'temporal', 'cluster'] as const) {
    const { settings, ambient } = GROUPS[group];
    if (isGiven[group]) for (const name of settings) merged[name] = given[name];
    else for (const name of ambient) merged[name] = stackEnv[name] ?? given[name];
  }
  return merged;
}
