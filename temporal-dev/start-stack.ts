import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { simulatedNodes } from './services/kwok.ts';
import { cleanHost } from './node/host/clean-host.ts';
import { freePorts, portNeeds, requireFree, type PortName, type PortNeed, type Ports } from './processes/ports.ts';
import { startPostgres } from './services/postgres.ts';
import type { NodeProvider, ServiceContext, ServiceEnv, TemporalProvider } from './service.ts';
import { devServer } from './services/temporal-servers.ts';
import { lockStateFolder, openStateFolder, type StateFolder } from './processes/state-folder.ts';
import { messageOf, StackError } from './stack-error.ts';
import { createSupervisor, endLeftovers, type ProcessSpec, type ProcessStatus } from './processes/supervisor.ts';
import type { ToolName } from './tools/tool-spec.ts';
import type { ToolResolver } from './tools/tool-resolver.ts';

/** True for each service that the stack starts. The platform uses external servers for the other services. */
export interface ServiceChoice {
  readonly postgres: boolean;
  readonly temporal: boolean;
  readonly kubernetes: boolean;
}

export interface StackOptions {
  readonly stateDir: string;
  /** `free`: pick ports that are free now. For fixed ports see `fixedPorts`. */
  readonly ports: Ports | 'free';
  readonly services: ServiceChoice;
  readonly resolver: Pick<ToolResolver, 'resolveAll'>;
  /** Runs the pods. Default: simulated nodes. */
  readonly nodes?: NodeProvider;
  /** Runs Temporal. Default: the development server. */
  readonly temporal?: TemporalProvider;
  /** False: a node of Temporal that exits stays down until the caller starts it again. Default true. */
  readonly restartTemporalNodes?: boolean;
  /** Temporal namespace to create. Default: `default`. */
  readonly temporalNamespace?: string;
  /**
   * False turns off Temporal's task queue fairness between tenants: tasks are dispatched in order of arrival. Default
   * true.
   */
  readonly fairness?: boolean;
  /** Receives progress messages, one short sentence per call. */
  readonly report: (message: string) => void;
  /** Ports that other processes of the caller will use. They are checked together with the ports of the stack. */
  readonly additionalPorts?: readonly PortNeed[];
  /** False for temporary stacks: they run faster, and a crash loses their data. Default true. */
  readonly durable?: boolean;
  /** True: the API server writes an audit log. Default false. */
  readonly audit?: boolean;
  /** An abort cancels a start in progress and stops the services that have started. */
  readonly signal?: AbortSignal;
}

/** A running stack. */
export interface Stack {
  /** Settings for the platform's processes. They cover only the services that this stack started. */
  readonly env: ServiceEnv;
  readonly folder: StateFolder;
  readonly processes: () => readonly ProcessStatus[];
  /** Starts one more process. `stop` stops it before the processes that were started earlier. */
  readonly run: (spec: ProcessSpec) => Promise<void>;
  /** Resolves with a message when a process exits without a request to stop. */
  readonly firstDeath: Promise<string>;
  /** Stops all processes and releases the lock of the state folder. Safe to call twice. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts the chosen services and waits until each one is ready. On an error it stops the services that have started.
 *
 * @throws StackError when a service can't be started; AbortError when `signal` is aborted.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const providers = providersOf(options);
  await requireProviders(providers, options.services);
  const folder = openStateFolder(options.stateDir);
  const unlock = lockStateFolder(folder);
  const supervisor = createSupervisor(folder);
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= supervisor.stopAll().finally(unlock));
  try {
    const leftovers = await endLeftovers(folder);
    if (leftovers.length > 0) options.report(`Stopped leftover processes of an earlier run: ${leftovers.join(', ')}`);
    await cleanHost(folder.path);
    requireSameProviders(folder, providers);
    const ports = options.ports === 'free' ? await freePorts(hostsOf(providers)) : options.ports;
    const needs = [...portsOf(ports, options.services, providers), ...(options.additionalPorts ?? [])];
    if (options.ports !== 'free') await requireFree(needs);
    const toolPaths = await resolveTools(options);
    // The build of the tools may take minutes, in which another process can take a port. Each service checks its ports again.
    if (options.ports !== 'free') await requireFree(needs);
    const signal = options.signal ?? new AbortController().signal;
    const { report, durable = true, audit = false } = options;
    const context = { supervisor, folder, ports, toolPath: toolPathFrom(toolPaths), durable, audit, report };
    options.report(describeStart(options.services));
    const env = await startServices({ ...context, signal }, options);
    return {
      env: { ...env, HELM_BIN: context.toolPath('helm') },
      folder,
      processes: () => supervisor.processes(),
      run: (spec) => supervisor.start(spec, signal),
      firstDeath: supervisor.firstDeath,
      stop,
    };
  } catch (error) {
    // An error of the stop is only reported, so that it does not replace the first error.
    await stop().catch((stopError: unknown) => options.report(messageOf(stopError)));
    throw error;
  }
}

function describeStart({ postgres, temporal, kubernetes }: ServiceChoice): string {
  const names = [postgres ? 'Postgres' : '', temporal ? 'Temporal' : '', kubernetes ? 'Kubernetes' : ''].filter(
    Boolean,
  );
  return names.length === 0
    ? 'No service to start: the environment names all of them.'
    : `Starting ${names.join(', ')} ...`;
}

/** Undefined: the stack does not start the service. */
interface Providers {
  readonly nodes: NodeProvider | undefined;
  readonly temporal: TemporalProvider | undefined;
}

function providersOf({ services, nodes = simulatedNodes, temporal = devServer }: StackOptions): Providers {
  return {
    nodes: services.kubernetes ? nodes : undefined,
    temporal: services.temporal ? temporal : undefined,
  };
}

/** @throws StackError when this machine can't run the nodes or Temporal, or when Temporal has no Postgres for its data. */
async function requireProviders({ nodes, temporal }: Providers, services: ServiceChoice): Promise<void> {
  nodes?.requireMachine();
  if (temporal?.needsPostgres === true && !services.postgres) {
    throw new StackError(
      `"--temporal ${temporal.name}" keeps its data in the Postgres of the stack, but DATABASE_URL or DB_HOST names another ` +
        'Postgres: unset it, or start with "--temporal dev".',
    );
  }
  await temporal?.requireMachine();
}

/**
 * Simulated and real nodes can't use each other's volumes and pods, and the Temporal servers can't read each other's runs, so
 * a state folder keeps the options with which it was created.
 */
function requireSameProviders(folder: StateFolder, { nodes, temporal }: Providers): void {
  if (nodes !== undefined) requireSame(folder, { file: 'nodes', option: '--cluster', value: nodes.name });
  if (temporal !== undefined) {
    requireSame(folder, { file: 'temporal-server', option: '--temporal', value: temporal.name });
  }
}

function requireSame(
  folder: StateFolder,
  { file: name, option, value }: { readonly file: string; readonly option: string; readonly value: string },
): void {
  const file = join(folder.path, name);
  const recorded = existsSync(file) ? readFileSync(file, 'utf8') : value;
  if (recorded !== value) {
    throw new StackError(
      `The state in ${folder.path} was created with "${option} ${recorded}" and can't be used with "${option} ${value}": ` +
        `start it with "${option} ${recorded}", run "npm run reset" to delete it, or set STORE_PLATFORM_STATE to another folder.`,
    );
  }
  writeFileSync(file, value);
}

/** Starts the services in parallel. The first failure aborts the other starts. */
async function startServices(context: ServiceContext, options: StackOptions): Promise<ServiceEnv> {
  const { services } = options;
  const { nodes, temporal } = providersOf(options);
  const failure = new AbortController();
  const shared = { ...context, signal: AbortSignal.any([failure.signal, context.signal]) };
  let firstError: { readonly error: unknown } | undefined;
  const begin = async (start: (context: ServiceContext) => Promise<ServiceEnv>): Promise<ServiceEnv> => {
    try {
      return await start(shared);
    } catch (error) {
      firstError ??= { error };
      failure.abort();
      return {};
    }
  };
  const postgres = services.postgres ? begin(startPostgres) : undefined;
  const databaseUrl = async (): Promise<string> => {
    const { DATABASE_URL = '' } = (await postgres) ?? {};
    shared.signal.throwIfAborted();
    return DATABASE_URL;
  };
  const starts: Promise<ServiceEnv>[] = [];
  if (postgres !== undefined) starts.push(postgres);
  if (temporal !== undefined) {
    starts.push(begin((each) => temporal.start(each, { ...temporalOptions(options), databaseUrl })));
  }
  if (nodes !== undefined) starts.push(begin((each) => startKubernetes(each, nodes)));
  // Wait for all starts, also after a failure: none may start a process after the cleanup.
  const envs = await Promise.all(starts);
  if (firstError !== undefined) throw firstError.error;
  return Object.assign({}, ...envs) as ServiceEnv;
}

function temporalOptions({ temporalNamespace, fairness, restartTemporalNodes }: StackOptions) {
  return {
    namespace: temporalNamespace ?? 'default',
    fairness: fairness ?? true,
    restartNodes: restartTemporalNodes ?? true,
  };
}

/** Starts the control plane, then the nodes. The Kubernetes client is loaded on demand, like the Temporal client. */
async function startKubernetes(context: ServiceContext, nodes: NodeProvider): Promise<ServiceEnv> {
  const { startControlPlane } = await import('./services/kubernetes.ts');
  // Only the nodes need the Kubernetes client. It loads while etcd and the API server start.
  const [{ env, ...cluster }] = await Promise.all([startControlPlane(context), import('@kubernetes/client-node')]);
  return { ...env, ...(await nodes.start(context, cluster)) };
}

async function resolveTools(options: StackOptions): Promise<ReadonlyMap<ToolName, string>> {
  const { nodes, temporal } = providersOf(options);
  const names: ToolName[] = ['helm', ...(temporal?.tools ?? [])];
  if (nodes !== undefined)
    names.push('etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', ...nodes.tools);
  const tools = await options.resolver.resolveAll(names);
  return new Map(names.map((name) => [name, tools[name].path]));
}

function toolPathFrom(paths: ReadonlyMap<ToolName, string>): (name: ToolName) => string {
  return (name) => {
    const path = paths.get(name);
    if (path === undefined) throw new Error(`${name} is not in the list of tools that this start resolved`);
    return path;
  };
}

function portsOf(ports: Ports, services: ServiceChoice, { nodes, temporal }: Providers): readonly PortNeed[] {
  const names: PortName[] = [...(nodes?.ports ?? [])];
  if (services.postgres) names.push('postgres');
  if (services.kubernetes) names.push('kubernetes', 'etcd', 'etcdPeer', 'controllerManager', 'scheduler');
  return [...portNeeds(ports, ...names), ...(temporal?.portNeeds(ports) ?? [])];
}

/** Returns the loopback addresses, besides 127.0.0.1, on which the stack listens. */
function hostsOf({ temporal }: Providers): readonly string[] {
  return temporal?.nodes.map(({ host }) => host) ?? [];
}
