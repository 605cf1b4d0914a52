import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig, type Config } from '../../config/index.ts';
import {
  completeEnv,
  formatStackEnv,
  givenServices,
  stackEnvFile,
  stateDirOf,
  type GivenServices,
} from '../../config/stack-env.ts';
import {
  apiUrl,
  ensureDashboard,
  ensureWorkflowBundle,
  migrate,
  platformPorts,
  platformProcesses,
} from '../services/platform.ts';
import { webhookSettings } from '../services/webhook-settings.ts';
import { fixedPorts, freePort, portNeed, type PortName } from '../processes/ports.ts';
import type { PlatformInstall } from '../node/platform-install.ts';
import type { NodeProvider, ServiceEnv, TemporalProvider } from '../service.ts';
import { messageOf, StackError } from '../stack-error.ts';
import { startStack, type Stack } from '../start-stack.ts';
import { readSetupUrl } from './setup-url.ts';
import { createStopRequest } from './stop-request.ts';
import { summarise } from './summary.ts';
import { type MetricsViewer, prepareMetricsViewer } from '../metrics/metrics-viewer.ts';
import { prepareTraceViewer, type TraceViewer } from '../traces/trace-viewer.ts';
import { createToolResolver } from '../tools/tool-resolver.ts';
import { writePrivateFile } from '../files.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface RunOptions {
  readonly env: Env;
  /** `platform`: Postgres, Temporal, Kubernetes, the API and a worker. `services`: without the API and the worker. */
  readonly what: 'platform' | 'services';
  /** Runs the pods of a local cluster. */
  readonly nodes: NodeProvider;
  readonly temporal: TemporalProvider;
  /** True: prepares the real node for an installation of the platform in pods. Only with `services`. */
  readonly inPods: boolean;
  /** True: also starts a viewer of traces, and records all traces. */
  readonly traces: boolean;
  /** True: also starts Prometheus, and dashboards of the metrics. */
  readonly prometheus: boolean;
  readonly print: (text: string) => void;
}

/** Programs that show what the platform does. Undefined: not requested. */
interface Viewers {
  readonly traces: TraceViewer | undefined;
  readonly metrics: MetricsViewer | undefined;
}

/**
 * Starts the stack, prints the summary and waits for a request to stop. Stops all processes before it returns or
 * throws.
 *
 * @returns the exit code after a requested stop.
 * @throws StackError when a process can't be started or exits unexpectedly.
 */
export async function runCommand(options: RunOptions): Promise<number> {
  const request = createStopRequest(options.print);
  let stack: Stack | undefined;
  let viewers: Viewers | undefined;
  try {
    const startedAt = Date.now();
    const settings = await settingsOf(options);
    viewers = await prepareViewers(options, settings, request.signal);
    const installer = await installerOf(options);
    stack = await startServices(options, settings, request.signal);
    request.killOnRepeat(stack);
    await failOnUnexpectedExit(stack, startPlatform(stack, { options, settings, viewers, signal: request.signal }));
    const install = await installer?.provide({
      env: serviceEnvOf(stack, viewers),
      stateDir: stack.folder.path,
    });
    const setupUrl = await setupUrlOf(options, stack);
    options.print(
      summaryOf({ options, settings, stack, viewers, install, setupUrl, seconds: (Date.now() - startedAt) / 1_000 }),
    );
    await failOnUnexpectedExit(stack, request.received);
  } catch (error) {
    // An error of the stop is only printed, so that it does not replace the first error.
    if (stack !== undefined)
      await stop(stack, viewers, options).catch((stopError: unknown) => options.print(messageOf(stopError)));
    if (request.signal.aborted) return request.exitCode();
    throw error;
  }
  await stop(stack, viewers, options);
  return 0;
}

/** Finds the programs of the requested viewers. @throws StackError when one of them is missing. */
async function prepareViewers(
  { env, traces, prometheus, print }: RunOptions,
  { config }: Settings,
  signal: AbortSignal,
): Promise<Viewers> {
  const shared = { config, ports: fixedPorts(env), report: print };
  const resolver = createToolResolver({ env, report: print, signal });
  return {
    traces: traces ? await prepareTraceViewer({ ...shared, env, signal }) : undefined,
    metrics: prometheus ? await prepareMetricsViewer({ ...shared, resolver }) : undefined,
  };
}

/** @throws StackError when the platform is to be installed in pods, and its image or a service of the stack is missing. */
async function installerOf({ env, inPods }: RunOptions) {
  if (!inPods) return undefined;
  const { database, temporal, cluster } = givenServices(env);
  if (database || temporal || cluster) {
    throw new StackError(
      '--in-pods lets pods reach the Postgres, the Temporal and the cluster of the stack, but the environment names another one of ' +
        'them: unset DATABASE_URL, DB_HOST, TEMPORAL_ADDRESS, TEMPORAL_PROFILE and KUBE_CONTEXT.',
    );
  }
  // The real node needs modules that take long to load.
  const [{ preparePlatformInstall }, { defaultImagesFolder }] = await Promise.all([
    import('../node/platform-install.ts'),
    import('../node/store-images.ts'),
  ]);
  return preparePlatformInstall(defaultImagesFolder(env));
}

/** Returns the settings of API and worker for the services and viewers of the stack. */
function serviceEnvOf(stack: Stack, viewers: Viewers): ServiceEnv {
  return { ...stack.env, ...webhookSettings(stack.folder.path), ...viewers.traces?.env };
}

/** @throws StackError when a process can't be stopped. All other processes are stopped before it throws. */
async function stop(stack: Stack, viewers: Viewers | undefined, { print }: RunOptions): Promise<void> {
  rmSync(stackEnvFile(stack.folder.path), { force: true });
  await stack.stop();
  await viewers?.traces?.close(); // the processes have sent their last spans
  print('Stopped.');
}

/** Waits for `work`. @throws StackError when a process of the stack exits first. */
async function failOnUnexpectedExit(stack: Stack, work: Promise<unknown>): Promise<void> {
  const exitMessage = await Promise.race([stack.firstDeath, work.then(() => undefined)]);
  if (exitMessage !== undefined) {
    throw new StackError(
      `${exitMessage}\nAll other processes were stopped. Start again to continue with the same state.`,
    );
  }
}

interface Settings {
  readonly config: Config;
  /** Variables whose port is 0 in the environment, with the free port that replaces it. */
  readonly pickedPorts: Readonly<Record<string, string>>;
}

/** Validates all settings before any service starts. @throws StackError that lists all invalid settings. */
async function settingsOf({ env }: RunOptions): Promise<Settings> {
  try {
    const requested = loadConfig(env);
    const pickedPorts: Record<string, string> = {};
    for (const name of ['PORT', 'METRICS_PORT', 'WORKER_HEALTH_PORT'] as const) {
      if (requested[name] === 0) pickedPorts[name] = String(await freePort());
    }
    return { config: loadConfig({ ...env, ...pickedPorts }), pickedPorts };
  } catch (error) {
    throw new StackError(messageOf(error), { cause: error });
  }
}

function startServices(
  { env, what, nodes, temporal, traces, prometheus, print }: RunOptions,
  { config }: Settings,
  signal: AbortSignal,
): Promise<Stack> {
  const external = givenServices(env);
  requireOwnTemporal(temporal, external);
  const { api, worker } = platformPorts(config);
  const ports = fixedPorts(env);
  const viewerPorts: readonly PortName[] = [
    ...(traces ? (['zipkin', 'otlp'] as const) : []),
    ...(prometheus ? (['prometheus', 'victoriaMetrics'] as const) : []),
  ];
  return startStack({
    stateDir: stateDirOf(env),
    ports,
    services: { postgres: !external.database, temporal: !external.temporal, kubernetes: !external.cluster },
    nodes,
    temporal,
    temporalNamespace: config.temporal.namespace,
    resolver: createToolResolver({ env, report: print, signal }),
    report: print,
    additionalPorts: [
      ...viewerPorts.map((name) => portNeed(ports, name)),
      ...(what === 'platform' ? [...api, ...worker] : []),
    ],
    signal,
  });
}

/** @throws StackError when the environment names a Temporal server and the command line asks for a cluster. */
function requireOwnTemporal({ name }: TemporalProvider, external: GivenServices): void {
  if (external.temporal && name === 'cluster') {
    throw new StackError(
      '"--temporal cluster" starts Temporal, but TEMPORAL_ADDRESS or TEMPORAL_PROFILE names another server: unset it, or start ' +
        'without --temporal.',
    );
  }
}

/**
 * Writes `stack.env`, which `npm run api` and `npm run worker` read. If requested, migrates the database and starts the API and
 * a worker.
 */
async function startPlatform(
  stack: Stack,
  {
    options,
    settings,
    viewers,
    signal,
  }: { options: RunOptions; settings: Settings; viewers: Viewers; signal: AbortSignal },
): Promise<void> {
  const stackEnv = serviceEnvOf(stack, viewers);
  writePrivateFile(stackEnvFile(stack.folder.path), formatStackEnv(stackEnv));
  const startViewers = [
    async (): Promise<void> => viewers.traces?.start(stack.run),
    async (): Promise<void> => viewers.metrics?.start(stack),
  ];
  if (options.what === 'services') return void (await Promise.all(startViewers.map((start) => start())));
  const env = { ...definedOnly(completeEnv(options.env, stackEnv)), ...settings.pickedPorts };
  const config = loadConfig(env);
  options.print('Starting the API and a worker ...');
  const { api, worker } = platformProcesses({ config, env });
  const migrated = migrate(env, signal);
  const startApi = async (): Promise<void> => {
    await migrated;
    await stack.run(api);
  };
  const startWorker = async (): Promise<void> => {
    // A bundle that the user names is never rebuilt.
    if ((options.env['WORKFLOW_BUNDLE'] ?? '') === '') await ensureWorkflowBundle(config.WORKFLOW_BUNDLE, signal);
    await migrated;
    await stack.run(worker);
  };
  // The API serves the dashboard as soon as it is built.
  await Promise.all([
    ...startViewers.map((start) => start()),
    startApi(),
    startWorker(),
    ensureDashboard(options.print, signal),
  ]);
}

/** Returns the link with which the first operator is created, from the log of the API, or undefined if there is none. */
async function setupUrlOf({ what }: RunOptions, stack: Stack): Promise<string | undefined> {
  return what === 'platform' ? await readSetupUrl(join(stack.folder.logs, 'api.log')) : undefined;
}

function summaryOf(facts: {
  options: RunOptions;
  settings: Settings;
  stack: Stack;
  viewers: Viewers;
  install: PlatformInstall | undefined;
  setupUrl: string | undefined;
  seconds: number;
}): string {
  const { options, settings, stack, viewers, install, setupUrl, seconds } = facts;
  const { config } = settings;
  const external = givenServices(options.env);
  const kubeconfig = options.env['KUBECONFIG'] ?? '';
  return summarise({
    env: stack.env,
    external,
    api:
      options.what === 'platform'
        ? { url: apiUrl(config), port: config.PORT, authentication: config.AUTH, setupUrl }
        : undefined,
    nodes: options.nodes.description,
    temporalNodes: options.temporal.nodes.map(({ host }) => `${host}:${fixedPorts(options.env).temporal}`),
    tracesUrl: viewers.traces?.url,
    metrics: viewers.metrics,
    install,
    kubeContext: options.env['KUBE_CONTEXT'],
    ignoredKubeconfig: external.cluster || kubeconfig === '' ? undefined : kubeconfig,
    logs: stack.folder.logs,
    stateDir: stack.folder.path,
    seconds,
  });
}

function definedOnly(env: Env): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
