import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';

type Env = Readonly<Record<string, string | undefined>>;

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));

/** Where the local stack keeps its state: `STORE_PLATFORM_STATE`, or `.state` in the repository. */
export function stateDirOf(env: Env): string {
  const given = env['STORE_PLATFORM_STATE'];
  return resolve(REPOSITORY, given === undefined || given === '' ? '.state' : given);
}

/** The file in which a running stack leaves its settings for processes that are started beside it. */
export function stackEnvFile(stateDir: string): string {
  return resolve(stateDir, 'stack.env');
}

/** One line per setting, as `.env` files have them. */
export function formatStackEnv(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .map(([name, value]) => `${name}=${value.includes("'") ? `"${value}"` : `'${value}'`}\n`)
    .join('');
}

/** The settings of the local stack that runs now; none when it does not run. */
export async function readStackEnv(
  // oxlint-disable-next-line node/no-process-env -- asked before there are any settings
  stateDir: string = stateDirOf(process.env),
): Promise<Env> {
  try {
    return parseEnv(await readFile(stackEnvFile(stateDir), 'utf8'));
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
}

/** What is used from elsewhere, because the environment says where it is. */
export interface GivenServices {
  readonly database: boolean;
  readonly temporal: boolean;
  readonly cluster: boolean;
}

/** Naming one of `namedBy` decides for a whole group: settings of two different servers are never mixed. */
const GROUPS = {
  database: { namedBy: ['DATABASE_URL', 'DB_HOST'], settings: ['DATABASE_URL'], ambient: [] },
  temporal: {
    namedBy: ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE'],
    settings: ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'TEMPORAL_CONFIG_FILE', 'TEMPORAL_UI_URL'],
    ambient: ['TEMPORAL_CONFIG_FILE'],
  },
  cluster: {
    namedBy: ['KUBE_CONTEXT'],
    settings: ['KUBECONFIG', 'KUBE_CONTEXT', 'STORE_VALUES_FILE'],
    ambient: ['KUBECONFIG'],
  },
} as const satisfies Record<
  keyof GivenServices,
  {
    readonly namedBy: readonly string[];
    readonly settings: readonly string[];
    /** Where people set these for other tools, too: they name no server, so the stack's win unless one is named. */
    readonly ambient: readonly string[];
  }
>;

export function givenServices(env: Env): GivenServices {
  const isGiven = (group: keyof GivenServices): boolean =>
    GROUPS[group].namedBy.some((name) => env[name] !== undefined && env[name] !== '');
  return { database: isGiven('database'), temporal: isGiven('temporal'), cluster: isGiven('cluster') };
}

/**
 * The environment, completed from a local stack. For each service either the environment names it, and nothing about it is
 * taken from the stack, or the stack's settings hold. Of all else the environment wins.
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
