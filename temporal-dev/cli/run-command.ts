import { rmSync } from 'node:fs';
import getPort from 'get-port';
import { loadConfig, type Config } from '../../config/index.ts';
import { completeEnv, formatStackEnv, givenServices, stackEnvFile, stateDirOf } from '../../config/stack-env.ts';
import { apiUrl, ensureWorkflowBundle, platformProcesses } from '../services/platform.ts';
import { fixedPorts, type PortNeed } from '../processes/ports.ts';
import { type NodeProvider } from '../service.ts';
import { messageOf, StackError } from '../stack-error.ts';
import { startStack, type Stack } from '../start-stack.ts';
import { createStopRequest } from './stop-request.ts';
import { summarise } from './summary.ts';
import { createToolResolver } from '../tools/tool-resolver.ts';
import { writePrivateFile } from '../files.ts';

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
  const request = createStopRequest(options.print);
  let stack: Stack | undefined;
  try {
    const startedAt = Date.now();
    const settings = await settingsOf(options);
    stack = await startServices(options, settings, request.signal);
    request.onHurry(stack);
    await unlessDeath(stack, startPlatform(stack, { options, settings, signal: request.signal }));
    options.print(summaryOf({ options, settings, stack, seconds: (Date.now() - startedAt) / 1_000 }));
    await unlessDeath(stack, request.received);
  } catch (error) {
    // What could not be stopped must not hide why it had to be.
    if (stack !== undefined) await stop(stack, options).catch((stuck: unknown) => options.print(messageOf(stuck)));
    if (request.signal.aborted) return request.exitCode();
    throw error;
  }
  await stop(stack, options);
  return 0;
}

/** @throws StackError when something can't be stopped; all else has been by then. */
async function stop(stack: Stack, { print }: RunOptions): Promise<void> {
  rmSync(stackEnvFile(stack.folder.path), { force: true });
  await stack.stop();
  print('Stopped.');
}

/** Waits for the work, but not longer than everything that is needed lives. */
async function unlessDeath(stack: Stack, work: Promise<unknown>): Promise<void> {
  const death = await Promise.race([stack.firstDeath, work.then(() => undefined)]);
  if (death !== undefined) throw new StackError(`${death}\nEverything else is stopped as well.`);
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

/** Leaves the settings for processes that are started beside the stack, then starts the platform if that is wanted. */
async function startPlatform(
  stack: Stack,
  { options, settings, signal }: { options: RunOptions; settings: Settings; signal: AbortSignal },
): Promise<void> {
  writePrivateFile(stackEnvFile(stack.folder.path), formatStackEnv(stack.env));
  if (options.what === 'services') return;
  const env = { ...definedOnly(completeEnv(options.env, stack.env)), ...settings.chosen };
  const config = loadConfig(env);
  options.print('Starting the API and a worker ...');
  const { api, worker } = platformProcesses({ config, env });
  const startWorker = async (): Promise<void> => {
    // A bundle that somebody names is somebody's own.
    if ((options.env['WORKFLOW_BUNDLE'] ?? '') === '') await ensureWorkflowBundle(config.WORKFLOW_BUNDLE, signal);
    await stack.run(worker);
  };
  await Promise.all([stack.run(api), startWorker()]);
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

function definedOnly(env: Env): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
