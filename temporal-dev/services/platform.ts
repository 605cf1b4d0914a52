import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Config } from '../../config/index.ts';
import { messageOf, StackError } from '../stack-error.ts';
import type { PortNeed } from '../processes/ports.ts';
import { requireOk } from '../processes/require-ok.ts';
import type { ProcessSpec } from '../processes/supervisor.ts';

export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** The settings and the environment of the API and the worker. */
export interface PlatformSettings {
  readonly config: Config;
  readonly env: Readonly<Record<string, string>>;
}

/** Returns the processes of the platform. They run as `npm run api` and `npm run worker` start them. */
export function platformProcesses({ config, env }: PlatformSettings): { api: ProcessSpec; worker: ProcessSpec } {
  const graceMs = config.SHUTDOWN_GRACE_SECONDS * 1_000;
  const ports = platformPorts(config);
  return {
    api: {
      ...nodeProcess('api', env),
      ports: ports.api,
      probe: (signal) => requireOk(`${apiUrl(config)}/health/ready`, signal),
      readyDeadlineMs: 60_000,
      stop: { signal: 'SIGTERM', graceMs: graceMs + 5_000 },
    },
    worker: {
      ...nodeProcess('worker', env),
      ports: ports.worker,
      probe: (signal) =>
        requireOk(`${apiUrl({ HOST: config.WORKER_HEALTH_HOST, PORT: config.WORKER_HEALTH_PORT })}/healthz`, signal),
      readyDeadlineMs: 120_000, // the worker may wait for a service that is starting
      // Activities get the grace period to finish. Then the Temporal SDK needs its own time to shut down.
      stop: { signal: 'SIGTERM', graceMs: graceMs + 25_000 },
    },
  };
}

/** Returns the ports of the API and of the worker. */
export function platformPorts(config: Config): { api: readonly PortNeed[]; worker: readonly PortNeed[] } {
  const metrics = { port: config.METRICS_PORT, purpose: 'the metrics of the API', variable: 'METRICS_PORT' };
  return {
    api: [{ port: config.PORT, purpose: 'the API', variable: 'PORT' }, ...(config.METRICS === 'off' ? [] : [metrics])],
    worker: [{ port: config.WORKER_HEALTH_PORT, purpose: "the worker's health", variable: 'WORKER_HEALTH_PORT' }],
  };
}

function nodeProcess(name: 'api' | 'worker', env: Readonly<Record<string, string>>) {
  return { name, command: process.execPath, args: ['--import', 'tsx', `${name}/main.ts`], cwd: REPOSITORY, env };
}

/** Returns the URL of a server for clients on this machine. */
export function apiUrl(config: Pick<Config, 'HOST' | 'PORT'>): string {
  return `http://${localAddress({ host: config.HOST, port: config.PORT })}`;
}

/** Returns the address, such as `127.0.0.1:3001`, at which clients on this machine reach a server. */
export function localAddress(server: { readonly host: string; readonly port: number }): string {
  const isWildcard = server.host === '0.0.0.0' || server.host === '::';
  const host = isWildcard ? '127.0.0.1' : server.host;
  return `${host.includes(':') ? `[${host}]` : host}:${server.port}`;
}

/** Runs `npm run db:migrate`. @throws StackError with its output. */
export async function migrate(env: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void> {
  try {
    await execa(process.execPath, ['--import', 'tsx', 'db/main.ts'], {
      cwd: REPOSITORY,
      env,
      extendEnv: false,
      cancelSignal: signal,
      all: true,
    });
  } catch (error) {
    signal.throwIfAborted();
    throw new StackError(`The database could not be migrated. Fix its error and start again:\n${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** The sources of the bundle and the files that control its build. */
const BUNDLE_SOURCES = ['workflows', 'domain', 'temporal', 'worker/workflow-bundle.ts', 'package-lock.json'];

/**
 * Builds the workflow bundle when it does not exist or is older than its sources.
 *
 * @param path Relative to the repository.
 * @throws StackError with the error of the build.
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
    throw new StackError(
      `The build of the workflow bundle ${bundle} failed. Fix its error and start again:\n${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** The sources of the dashboard and the files that control its build. */
const DASHBOARD_SOURCES = ['src', 'public', 'build', 'index.html', 'vite.config.ts'].map((file) => `dashboard/${file}`);

/**
 * Builds the dashboard when its build does not exist or is older than its sources.
 *
 * @throws StackError with the error of the build.
 */
export async function ensureDashboard(report: (text: string) => void, signal: AbortSignal): Promise<void> {
  const built = await stat(join(REPOSITORY, 'dashboard', 'dist', 'index.html')).catch(() => undefined);
  const sources = [...DASHBOARD_SOURCES, 'client', 'package-lock.json'];
  if (built !== undefined && built.mtimeMs > (await newestChangeMs(sources))) return;
  report('Building the dashboard ...');
  try {
    await execa('npm', ['run', '--silent', 'dashboard:build'], { cwd: REPOSITORY, cancelSignal: signal, all: true });
  } catch (error) {
    signal.throwIfAborted();
    throw new StackError(`The build of the dashboard failed. Fix its error and start again:\n${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function newestChangeMs(sources: readonly string[]): Promise<number> {
  const times = sources.map(async (source) => {
    const path = join(REPOSITORY, source);
    const facts = await stat(path);
    if (!facts.isDirectory()) return facts.mtimeMs;
    const entries = await readdir(path, { recursive: true });
    // Include the folders: the deletion of a file changes only the time of its folder.
    const stats = await Promise.all(['', ...entries].map((entry) => stat(join(path, entry))));
    return Math.max(...stats.map((each) => each.mtimeMs));
  });
  return Math.max(...(await Promise.all(times)));
}
