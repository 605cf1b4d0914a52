import { lstat, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { StoreError } from '../../domain/failure.ts';
import { attemptSignal } from '../runtime/activity-context.ts';
import { inheritedEnvironment } from './child-environment.ts';
import { untraced, type TraceCall } from '../../telemetry/tracing/tracing.ts';
import { openClusterAccess } from './cluster-access.ts';
import { discoveryCache } from './discovery-cache.ts';
import { translateHelmError } from './helm-errors.ts';
import type { KubeconfigSource } from './kubeconfig-files.ts';

/** The oldest safe version: earlier ones accept plugins and charts that write outside their folders. */
const MINIMUM_VERSION = [4, 1, 4] as const;
/** Time limit of Helm's own waits for hooks. The charts of the engines have no hooks. */
const HELM_TIMEOUT = '25s';
/** Time limit of the process: shorter than an attempt of the activity, so that the attempt sees its end. */
const PROCESS_TIMEOUT_MS = 120_000;
/** Time limit of the check of the cluster when the worker starts. */
const CHECK_TIMEOUT_MS = 30_000;
/** Time between SIGTERM, on which Helm marks its release as failed, and SIGKILL. */
const KILL_GRACE_MS = 3_000;
/** Prefix of the folder of one Helm process, in the folder for temporary files. */
const FOLDER_PREFIX = 'store-helm-';
/** A Helm process ends long before. Only a worker that was killed leaves such an old folder. */
const ABANDONED_AFTER_MS = 3_600_000;
const VALUES_FILE = 'values.json';
const KUBECONFIG_FILE = 'kubeconfig';
// Explicit, because Helm's defaults may change: no wait for workloads, and server-side apply.
const NO_WAIT_FLAGS = ['--wait=hookOnly', '--timeout', HELM_TIMEOUT] as const;
const ROLLBACK_FLAGS = [...NO_WAIT_FLAGS, '--server-side=true', '--history-max', '5'] as const;
// The API server validates objects. Helm would first load the whole schema, which takes half of its time.
const UPGRADE_FLAGS = [...ROLLBACK_FLAGS, '--reset-values', '--hide-notes', '--disable-openapi-validation'] as const;
const UNINSTALL_FLAGS = [...NO_WAIT_FLAGS, '--ignore-not-found', '--cascade', 'background'] as const;

export interface ReleaseAddress {
  readonly releaseName: string;
  readonly namespace: string;
}

/** The Helm commands that change a release. They do not wait for workloads. Each throws StoreError. */
export interface Helm {
  upgradeInstall(
    input: ReleaseAddress & { readonly chartDir: string; readonly values: Readonly<Record<string, unknown>> },
  ): Promise<void>;
  rollback(input: ReleaseAddress & { readonly revision: number }): Promise<void>;
  /** An absent release is success. */
  uninstall(input: ReleaseAddress): Promise<void>;
  /** Reads a list of releases, which needs the cluster and valid credentials. */
  checkAccess(): Promise<void>;
}

/** A run of Helm that has ended. */
export interface HelmRun {
  readonly command: 'upgrade' | 'rollback' | 'uninstall' | 'list';
  readonly outcome: 'succeeded' | 'failed';
  readonly seconds: number;
}

export interface HelmOptions extends KubeconfigSource {
  /** Receives each run after its end. It must not throw. */
  readonly onRun?: ((run: HelmRun) => void) | undefined;
  /** Records a span for each run. Default: nothing does. */
  readonly traceCall?: TraceCall | undefined;
  /** Path or name of the executable. */
  readonly bin: string;
  /** The environment of the process. Helm inherits only a few variables of it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly processTimeoutMs?: number;
}

/**
 * Checks the version of Helm and returns its commands. Each Helm process gets a kubeconfig of its own, which has only the
 * context and its current credentials. So Helm reaches the same cluster as the Kubernetes client.
 *
 * @throws Error when the executable is missing or too old, or the kubeconfig has no such context.
 */
export async function openHelm(options: HelmOptions): Promise<Helm> {
  const prefix = await killWithParentPrefix(options);
  const access = openClusterAccess(options);
  await checkVersion(options);
  await deleteAbandonedFolders();
  const discovery = await discoveryCache(options);
  const { traceCall = untraced } = options;

  async function run(
    action: string,
    input: ReleaseAddress,
    args: (folder: string) => readonly [HelmRun['command'], ...string[]],
    files: Readonly<Record<string, string>> = {},
    hidden: Readonly<Record<string, string>> = {},
    timeoutMs = options.processTimeoutMs ?? PROCESS_TIMEOUT_MS,
  ): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), FOLDER_PREFIX)); // mkdtemp makes it 0700
    try {
      for (const [name, content] of Object.entries({ ...files, [KUBECONFIG_FILE]: access.kubeconfig() })) {
        await writeFile(join(folder, name), content, { mode: 0o600, flag: 'wx' });
      }
      const cluster = ['--kubeconfig', join(folder, KUBECONFIG_FILE), '--kube-context', options.context];
      const [command, ...rest] = args(folder);
      const line = [...prefix, options.bin, command, ...rest, '--namespace', input.namespace, ...cluster];
      const attributes = { 'helm.release': input.releaseName, 'k8s.namespace.name': input.namespace };
      await traceCall({ name: `helm ${command}`, attributes }, async () => {
        const startedMs = performance.now();
        const result = await runGroup(line, {
          env: { ...helmEnvironment(options.env, folder, access.pluginEnvironment()), ...discovery },
          timeoutMs,
        });
        const outcome = result.kind === 'done' ? 'succeeded' : 'failed';
        options.onRun?.({ command, outcome, seconds: (performance.now() - startedMs) / 1_000 });
        if (result.kind === 'timedOut') {
          throw new StoreError(
            'CLUSTER_UNAVAILABLE',
            `helm did not ${action} within ${result.afterMs / 1000} s and was stopped`,
          );
        }
        if (result.kind === 'failed') {
          throw translateHelmError(action, result.stderr, { ...hidden, [`${folder}/`]: '', [folder]: '' });
        }
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  return {
    upgradeInstall: (input) =>
      run(
        `install the release ${input.releaseName}`,
        input,
        (folder) => [
          'upgrade',
          input.releaseName,
          input.chartDir,
          '--install',
          '--values',
          join(folder, VALUES_FILE),
          ...UPGRADE_FLAGS,
        ],
        { [VALUES_FILE]: JSON.stringify(input.values) },
        { [input.chartDir]: 'the chart' },
      ),
    rollback: (input) =>
      run(`roll back the release ${input.releaseName}`, input, () => [
        'rollback',
        input.releaseName,
        String(input.revision),
        ...ROLLBACK_FLAGS,
      ]),
    uninstall: (input) =>
      run(`uninstall the release ${input.releaseName}`, input, () => [
        'uninstall',
        input.releaseName,
        ...UNINSTALL_FLAGS,
      ]),
    checkAccess: () =>
      run(
        'list the releases',
        { releaseName: '', namespace: 'default' },
        () => ['list', '--max', '1'],
        {},
        {},
        CHECK_TIMEOUT_MS,
      ),
  };
}

type ProcessResult =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly stderr: string }
  | { readonly kind: 'timedOut'; readonly afterMs: number };

/** Runs a program in its own process group. Returns only after its end, also when the activity is cancelled. */
async function runGroup(
  command: readonly string[],
  options: { readonly env: Readonly<Record<string, string>>; readonly timeoutMs: number },
): Promise<ProcessResult> {
  const signal = attemptSignal();
  signal?.throwIfAborted();
  const [file = '', ...args] = command;
  const child = execa(file, args, {
    env: options.env,
    extendEnv: false,
    detached: true, // leader of its own process group, so that its children are stopped too
    cleanup: false,
    reject: false,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
    maxBuffer: 256 * 1024,
  });
  let timedOut = false;
  let killTimer: NodeJS.Timeout | undefined;
  const stop = () => {
    killGroup(child.pid, 'SIGTERM');
    killTimer ??= setTimeout(() => killGroup(child.pid, 'SIGKILL'), KILL_GRACE_MS);
  };
  const deadline = setTimeout(() => {
    timedOut = true;
    stop();
  }, options.timeoutMs);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const ended = await child;
    signal?.throwIfAborted();
    if (timedOut) return { kind: 'timedOut', afterMs: options.timeoutMs };
    if (!ended.failed) return { kind: 'done' };
    return { kind: 'failed', stderr: ended.stderr || (ended.shortMessage ?? '') };
  } finally {
    clearTimeout(deadline);
    clearTimeout(killTimer);
    signal?.removeEventListener('abort', stop);
    killGroup(child.pid, 'SIGKILL'); // child processes that are still running; usually there are none
  }
}

function killGroup(pid: number | undefined, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // the group has ended already
  }
}

/**
 * Returns an environment without the user's Helm plugins, repositories and settings. A credential plugin that Helm runs
 * gets the user's home folder and the variables of its cloud provider, because it reads its own settings there.
 */
function helmEnvironment(
  env: HelmOptions['env'],
  folder: string,
  plugin: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  return {
    ...inheritedEnvironment(env),
    ...(plugin ?? { HOME: folder }),
    HELM_CACHE_HOME: join(folder, 'cache'),
    HELM_CONFIG_HOME: join(folder, 'config'),
    HELM_DATA_HOME: join(folder, 'data'),
    HELM_PLUGINS: join(folder, 'plugins'),
    TMPDIR: folder,
  };
}

/** Deletes the folders that killed workers of this user left behind, because they contain credentials. */
async function deleteAbandonedFolders(): Promise<void> {
  const uid = process.getuid?.(); // not `userInfo`, which fails for a uid without an entry in /etc/passwd
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(FOLDER_PREFIX));
  for (const folder of names.map((name) => join(tmpdir(), name))) {
    const found = await lstat(folder).catch(() => undefined); // another worker may delete it at the same time
    const isAbandoned = found !== undefined && found.uid === uid && Date.now() - found.mtimeMs > ABANDONED_AFTER_MS;
    if (isAbandoned) await rm(folder, { recursive: true, force: true });
  }
}

/** Returns a command prefix that makes the Linux kernel kill Helm when the worker dies; empty on other systems. */
async function killWithParentPrefix(options: HelmOptions): Promise<readonly string[]> {
  const prefix = ['setpriv', '--pdeathsig', 'KILL', '--'];
  const env = { PATH: options.env['PATH'] ?? '' };
  const trial = await execa(prefix[0] ?? '', [...prefix.slice(1), 'true'], { env, extendEnv: false, reject: false });
  return trial.failed ? [] : prefix;
}

async function checkVersion(options: HelmOptions): Promise<void> {
  const reported = await execa(options.bin, ['version', '--template', '{{.Version}}'], {
    env: helmEnvironment(options.env, tmpdir(), undefined),
    extendEnv: false,
    reject: false,
    timeout: 30_000,
  });
  const minimum = MINIMUM_VERSION.join('.');
  if (reported.failed) {
    throw new Error(`helm does not start from ${options.bin}; install Helm ${minimum} or later, or set HELM_BIN`);
  }
  const version = reported.stdout.trim();
  if (!isRecent(version)) {
    throw new Error(`${options.bin} is Helm ${version}; Helm ${minimum} or a later 4.x is needed (set HELM_BIN)`);
  }
}

/** Returns whether a version such as `v4.3.1`, or `v4.3` in some builds, is a safe version of Helm 4. */
export function isRecent(version: string): boolean {
  const match = /^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(version);
  if (match === null) return false;
  const [major = 0, minor = 0, patch = 0] = match.slice(1).map((part) => Number(part ?? 0));
  if (major !== MINIMUM_VERSION[0]) return false;
  return minor > MINIMUM_VERSION[1] || (minor === MINIMUM_VERSION[1] && patch >= MINIMUM_VERSION[2]);
}
