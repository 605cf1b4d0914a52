import { rmSync } from 'node:fs';
import getPort from 'get-port';
import { loadConfig, type Config } from '../config/index.ts';
import { completeEnv, formatStackEnv, givenServices, stackEnvFile, stateDirOf } from '../config/stack-env.ts';
import { apiUrl, ensureWorkflowBundle, platformProcesses } from './platform-processes.ts';
import { fixedPorts, type PortNeed } from './ports.ts';
import { writePrivateFile, type NodeProvider } from './service.ts';
import { messageOf, StackError } from './stack-error.ts';
import { startStack, type Stack } from './start-stack.ts';
import { createStopRequest, type StopRequest } from './stop-request.ts';
import { summarise } from './summary.ts';
import { createToolResolver } from './tool-resolver.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface RunOptions {
  readonly env: Env;
  /** `platform`: the services, the API and a worker. `services`: what these stand on. */
  readonly what: 'platform' | 'services';
  /** What runs the pods of a local cluster. */
  readonly nodes: NodeProvider;
  readonly print: (text: string) => void;
}

/**
 * Starts everything, says where it is, and keeps it up until it is asked to stop.
 *
 * @returns the exit code after a stop that was asked for.
 * @throws StackError when it does not come up or something that is needed ends; everything has been stopped by then.
 */
export async function runCommand(options: RunOptions): Promise<number> {
  const startedAt = Date.now();
  const request = createStopRequest(options.print);
  let stack: Stack | undefined;
  try {
    const settings = await settingsOf(options);
    stack = await startServices(options, settings, request.signal);
    request.onHurry(stack);
    const env = { ...definedOnly(completeEnv(options.env, stack.env)), ...settings.chosen };
    writePrivateFile(stackEnvFile(stack.folder.path), formatStackEnv(stack.env));
    if (options.what === 'platform') await startPlatform(stack, { env, options, signal: request.signal });
    options.print(summaryOf({ options, settings, stack, seconds: (Date.now() - startedAt) / 1_000 }));
    return await untilStopped(stack, request);
  } catch (error) {
    if (request.signal.aborted) return request.exitCode();
    throw error;
  } finally {
    if (stack !== undefined) {
      rmSync(stackEnvFile(stack.folder.path), { force: true });
      await stack.stop();
      options.print('Stopped.');
    }
  }
}

interface Settings {
  readonly config: Config;
  /** Ports that were picked because the environment asks for any. */
  readonly chosen: Readonly<Record<string, string>>;
}

/** All settings are checked before anything is started. */
async function settingsOf({ env }: RunOptions): Promise<Settings> {
  try {
    const asked = loadConfig(env);
    const chosen: Record<string, string> = {};
    for (const name of ['PORT', 'WORKER_HEALTH_PORT'] as const) {
      if (asked[name] === 0) chosen[name] = String(await getPort({ host: '127.0.0.1' }));
    }
    return { config: loadConfig({ ...env, ...chosen }), chosen };
  } catch (error) {
    throw new StackError(messageOf(error), { cause: error });
  }
}

function startServices(
  { env, what, nodes, print }: RunOptions,
  { config }: Settings,
  signal: AbortSignal,
): Promise<Stack> {
  const given = givenServices(env);
  const platformPorts: readonly PortNeed[] = [
    { port: config.PORT, purpose: 'the API', variable: 'PORT' },
    { port: config.WORKER_HEALTH_PORT, purpose: "the worker's health", variable: 'WORKER_HEALTH_PORT' },
  ];
  return startStack({
    stateDir: stateDirOf(env),
    ports: fixedPorts(env),
    services: { postgres: !given.database, temporal: !given.temporal, kubernetes: !given.cluster },
    nodes,
    temporalNamespace: config.temporal.namespace,
    resolver: createToolResolver({ env, report: print, signal }),
    report: print,
    morePorts: what === 'platform' ? platformPorts : [],
    signal,
  });
}

async function startPlatform(
  stack: Stack,
  { env, options, signal }: { readonly env: Record<string, string>; options: RunOptions; signal: AbortSignal },
): Promise<void> {
  const config = loadConfig(env);
  const { api, worker } = platformProcesses({ config, env });
  const startWorker = async (): Promise<void> => {
    // A bundle that somebody names is somebody's own.
    if ((options.env['WORKFLOW_BUNDLE'] ?? '') === '') await ensureWorkflowBundle(config.WORKFLOW_BUNDLE, signal);
    await stack.run(worker);
  };
  const outcomes = await Promise.allSettled([stack.run(api), startWorker()]);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

function summaryOf(facts: { options: RunOptions; settings: Settings; stack: Stack; seconds: number }): string {
  const { options, settings, stack, seconds } = facts;
  const given = givenServices(options.env);
  const kubeconfig = options.env['KUBECONFIG'] ?? '';
  return summarise({
    env: stack.env,
    given,
    api: options.what === 'platform' ? { url: apiUrl(settings.config), port: settings.config.PORT } : undefined,
    nodes: options.nodes.description,
    kubeContext: options.env['KUBE_CONTEXT'],
    ignoredKubeconfig: given.cluster || kubeconfig === '' ? undefined : kubeconfig,
    logs: stack.folder.logs,
    stateDir: stack.folder.path,
    seconds,
  });
}

async function untilStopped(stack: Stack, request: StopRequest): Promise<number> {
  const death = await Promise.race([stack.firstDeath, request.received]);
  if (death !== undefined) throw new StackError(`${death}\nEverything else is stopped as well.`);
  return 0;
}

function definedOnly(env: Env): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
