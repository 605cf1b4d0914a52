import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Config } from '../../config/index.ts';
import { messageOf, StackError } from '../stack-error.ts';
import type { ProcessSpec } from '../processes/supervisor.ts';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** What the API and the worker are started with. */
export interface PlatformSettings {
  readonly config: Config;
  readonly env: Readonly<Record<string, string>>;
}

/** The platform's own processes, as `npm run api` and `npm run worker` start them. */
export function platformProcesses({ config, env }: PlatformSettings): { api: ProcessSpec; worker: ProcessSpec } {
  const graceMs = config.SHUTDOWN_GRACE_SECONDS * 1_000;
  return {
    api: {
      ...nodeProcess('api', env),
      probe: (signal) => requireOk(`${apiUrl(config)}/health/ready`, signal),
      readyDeadlineMs: 60_000,
      stop: { signal: 'SIGTERM', graceMs: graceMs + 5_000 },
    },
    worker: {
      ...nodeProcess('worker', env),
      probe: (signal) => requireOk(`http://127.0.0.1:${config.WORKER_HEALTH_PORT}/healthz`, signal),
      readyDeadlineMs: 120_000, // it may have to wait for a migration
      // It lets activities end for the grace, then gives Temporal's SDK its own time to hand over.
      stop: { signal: 'SIGTERM', graceMs: graceMs + 25_000 },
    },
  };
}

function nodeProcess(name: 'api' | 'worker', env: Readonly<Record<string, string>>) {
  return { name, command: process.execPath, args: ['--import', 'tsx', `${name}/main.ts`], cwd: REPOSITORY, env };
}

/** Where the API is reached from this machine. */
export function apiUrl(config: Pick<Config, 'HOST' | 'PORT'>): string {
  const everywhere = config.HOST === '0.0.0.0' || config.HOST === '::';
  const host = everywhere ? '127.0.0.1' : config.HOST;
  return `http://${host.includes(':') ? `[${host}]` : host}:${config.PORT}`;
}

async function requireOk(url: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, { signal });
  const body = await response.text();
  if (!response.ok) throw new Error(`${url} answers ${response.status} ${body.slice(0, 300)}`);
}

/** All that ends up in the bundle, and what decides how it is made. */
const BUNDLE_SOURCES = ['workflows', 'domain', 'temporal', 'worker/workflow-bundle.ts', 'package-lock.json'];

/**
 * Builds the workflow bundle when it is missing or older than its sources.
 *
 * @throws StackError with the builder's own words.
 */
export async function ensureWorkflowBundle(path: string, signal: AbortSignal): Promise<void> {
  const bundle = resolve(REPOSITORY, path);
  const built = await stat(bundle).catch(() => undefined);
  if (built !== undefined && built.mtimeMs > (await newestChangeMs(BUNDLE_SOURCES))) return;
  try {
    await execa(process.execPath, ['--import', 'tsx', 'worker/build-workflow-bundle.ts', bundle], {
      cwd: REPOSITORY,
      cancelSignal: signal,
      all: true,
    });
  } catch (error) {
    signal.throwIfAborted();
    throw new StackError(`The workflow bundle could not be built:\n${messageOf(error)}`, { cause: error });
  }
}

async function newestChangeMs(sources: readonly string[]): Promise<number> {
  const times = sources.map(async (source) => {
    const path = join(REPOSITORY, source);
    const facts = await stat(path);
    if (!facts.isDirectory()) return facts.mtimeMs;
    const entries = await readdir(path, { recursive: true });
    // The folders count as well: deleting a file changes only them.
    const stats = await Promise.all(['', ...entries].map((entry) => stat(join(path, entry))));
    return Math.max(...stats.map((each) => each.mtimeMs));
  });
  return Math.max(...(await Promise.all(times)));
}
