import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { simulatedNodes } from './services/kwok.ts';
import { cleanHost } from './node/host/clean-host.ts';
import { freePorts, portNeeds, requireFree, type PortName, type PortNeed, type Ports } from './processes/ports.ts';
import { startPostgres } from './services/postgres.ts';
import type { NodeProvider, ServiceContext, ServiceEnv } from './service.ts';
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
  const nodes = options.services.kubernetes ? (options.nodes ?? simulatedNodes) : undefined;
  nodes?.requireMachine();
  const folder = openStateFolder(options.stateDir);
  const unlock = lockStateFolder(folder);
  const supervisor = createSupervisor(folder);
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= supervisor.stopAll().finally(unlock));
  try {
    const leftovers = await endLeftovers(folder);
    if (leftovers.length > 0) options.report(`Stopped leftover processes of an earlier run: ${leftovers.join(', ')}`);
    await cleanHost(folder.path);
    if (nodes !== undefined) requireSameNodes(folder, nodes);
    const ports = options.ports === 'free' ? await freePorts() : options.ports;
    const needs = [...portsOf(ports, options.services, nodes), ...(options.additionalPorts ?? [])];
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

/** Simulated and real nodes can't use each other's volumes and pods, so a state folder keeps its kind of nodes. */
function requireSameNodes(folder: StateFolder, nodes: NodeProvider): void {
  const file = join(folder.path, 'nodes');
  const recordedName = existsSync(file) ? readFileSync(file, 'utf8') : nodes.name;
  if (recordedName !== nodes.name) {
    throw new StackError(
      `The cluster in ${folder.path} was created with "--cluster ${recordedName}" and can't run with "--cluster ` +
        `${nodes.name}": start it with "--cluster ${recordedName}", run "npm run reset" to delete it, or set ` +
        'STORE_PLATFORM_STATE to another folder.',
    );
  }
  writeFileSync(file, nodes.name);
}

/** Starts the services in parallel. The first failure aborts the other starts. */
async function startServices(context: ServiceContext, options: StackOptions): Promise<ServiceEnv> {
  const { services, temporalNamespace: namespace = 'default', fairness = true, nodes = simulatedNodes } = options;
  const failure = new AbortController();
  const shared = { ...context, signal: AbortSignal.any([failure.signal, context.signal]) };
  let firstError: { readonly error: unknown } | undefined;
  const starts = [
    services.postgres ? startPostgres : undefined,
    services.temporal ? (each: ServiceContext) => startTemporal(each, { namespace, fairness }) : undefined,
    services.kubernetes ? (each: ServiceContext) => startKubernetes(each, nodes) : undefined,
  ].map(async (start) => {
    try {
      return await start?.(shared);
    } catch (error) {
      firstError ??= { error };
      failure.abort();
      return undefined;
    }
  });
  // Wait for all starts, also after a failure: none may start a process after the cleanup.
  const envs = await Promise.all(starts);
  if (firstError !== undefined) throw firstError.error;
  return Object.assign({}, ...envs) as ServiceEnv;
}

/** The Temporal client takes seconds to load, so it is loaded on demand and while other services start. */
async function startTemporal(
  context: ServiceContext,
  options: { readonly namespace: string; readonly fairness: boolean },
): Promise<ServiceEnv> {
  const temporal = await import('./services/temporal.ts');
  return temporal.startTemporal(context, options);
}

/** Starts the control plane, then the nodes. The Kubernetes client is loaded on demand, like the Temporal client. */
async function startKubernetes(context: ServiceContext, nodes: NodeProvider): Promise<ServiceEnv> {
  const { startControlPlane } = await import('./services/kubernetes.ts');
  // Only the nodes need the Kubernetes client. It loads while etcd and the API server start.
  const [{ env, ...cluster }] = await Promise.all([startControlPlane(context), import('@kubernetes/client-node')]);
  return { ...env, ...(await nodes.start(context, cluster)) };
}

async function resolveTools({
  services,
  resolver,
  nodes = simulatedNodes,
}: StackOptions): Promise<ReadonlyMap<ToolName, string>> {
  const names: ToolName[] = ['helm'];
  if (services.temporal) names.push('temporal');
  if (services.kubernetes)
    names.push('etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', ...nodes.tools);
  const tools = await resolver.resolveAll(names);
  return new Map(names.map((name) => [name, tools[name].path]));
}

function toolPathFrom(paths: ReadonlyMap<ToolName, string>): (name: ToolName) => string {
  return (name) => {
    const path = paths.get(name);
    if (path === undefined) throw new Error(`${name} is not in the list of tools that this start resolved`);
    return path;
  };
}

function portsOf(ports: Ports, services: ServiceChoice, nodes?: NodeProvider): readonly PortNeed[] {
  const names: PortName[] = [...(nodes?.ports ?? [])];
  if (services.postgres) names.push('postgres');
  if (services.temporal) names.push('temporal', 'temporalUi', 'temporalHttp', 'temporalMetrics');
  if (services.kubernetes) names.push('kubernetes', 'etcd', 'etcdPeer', 'controllerManager', 'scheduler');
  return portNeeds(ports, ...names);
}
