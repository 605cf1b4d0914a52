import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { simulatedNodes } from './services/kwok.ts';
import { cleanHost } from './node/host/clean-host.ts';
import { freePorts, portNeed, requireFree, type PortNeed, type Ports } from './processes/ports.ts';
import { startPostgres } from './services/postgres.ts';
import type { NodeProvider, ServiceContext, ServiceEnv } from './service.ts';
import { lockStateFolder, openStateFolder, type StateFolder } from './processes/state-folder.ts';
import { messageOf, StackError } from './stack-error.ts';
import { createSupervisor, endLeftovers, type ProcessSpec, type ProcessStatus } from './processes/supervisor.ts';
import type { ToolName } from './tools/tool-manifest.ts';
import type { ToolResolver } from './tools/tool-resolver.ts';

/** Which parts of the stack are started here; the others are used from elsewhere. */
export interface ServiceChoice {
  readonly postgres: boolean;
  readonly temporal: boolean;
  readonly kubernetes: boolean;
}

export interface StackOptions {
  readonly stateDir: string;
  /** See `fixedPorts`; `free`: whatever is free now. */
  readonly ports: Ports | 'free';
  readonly services: ServiceChoice;
  readonly resolver: Pick<ToolResolver, 'resolveAll'>;
  /** What runs the pods. Default: simulated nodes. */
  readonly nodes?: NodeProvider;
  /** Namespace to have in Temporal. Default: `default`. */
  readonly temporalNamespace?: string;
  /** False: Temporal serves tasks in the order in which they come, whatever their tenant. Default true. */
  readonly fairness?: boolean;
  /** Told what is going on, one short sentence at a time. */
  readonly report: (message: string) => void;
  /** Ports that others of the caller's processes will listen on; checked together with the stack's own. */
  readonly morePorts?: readonly PortNeed[];
  /** False for stacks that are thrown away: faster, and gone after a crash. Default true. */
  readonly durable?: boolean;
  /** Aborting it ends a start that is under way; everything that was started is stopped. */
  readonly signal?: AbortSignal;
}

/** A stack that is up. */
export interface Stack {
  /** Settings for the platform's processes: only of services that were started here. */
  readonly env: ServiceEnv;
  readonly folder: StateFolder;
  readonly processes: () => readonly ProcessStatus[];
  /** Adds a process that is stopped before those it stands on, i.e. first. */
  readonly run: (spec: ProcessSpec) => Promise<void>;
  /** Resolves with one sentence when a process ends that should not. */
  readonly firstDeath: Promise<string>;
  /** Stops everything and gives the state folder free. Safe to call twice. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts the chosen services and waits until each is usable. On any error all that was started is stopped again.
 *
 * @throws StackError with one clear sentence; AbortError when `signal` is aborted.
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
    if (leftovers.length > 0) options.report(`Ended what an earlier run had left: ${leftovers.join(', ')}`);
    await cleanHost(folder.path);
    if (nodes !== undefined) requireSameNodes(folder, nodes);
    const ports = options.ports === 'free' ? await freePorts() : options.ports;
    if (options.ports !== 'free')
      await requireFree([...portsOf(ports, options.services, nodes), ...(options.morePorts ?? [])]);
    const toolPaths = await resolveTools(options);
    const signal = options.signal ?? new AbortController().signal;
    const { report, durable = true } = options;
    const context = { supervisor, folder, ports, toolPath: toolPathFrom(toolPaths), durable, report };
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
    // What could not be stopped must not hide why that was needed.
    await stop().catch((stuck: unknown) => options.report(messageOf(stuck)));
    throw error;
  }
}

function describeStart({ postgres, temporal, kubernetes }: ServiceChoice): string {
  const names = [postgres ? 'Postgres' : '', temporal ? 'Temporal' : '', kubernetes ? 'Kubernetes' : ''].filter(
    Boolean,
  );
  return names.length === 0 ? 'All services are used from elsewhere.' : `Starting ${names.join(', ')} ...`;
}

/** Volumes and pods of one kind of nodes are nothing that the other kind could go on with. */
function requireSameNodes(folder: StateFolder, nodes: NodeProvider): void {
  const file = join(folder.path, 'nodes');
  const earlier = existsSync(file) ? readFileSync(file, 'utf8') : nodes.name;
  if (earlier !== nodes.name) {
    throw new StackError(
      `The cluster in ${folder.path} was made with "--cluster ${earlier}": start it so again, run "npm run reset" to throw ` +
        'it away, or set STORE_PLATFORM_STATE to another folder.',
    );
  }
  writeFileSync(file, nodes.name);
}

/** Starts the services side by side. The first failure ends the waiting for the others. */
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
  // All of them, so that none starts a process after the clean-up.
  const envs = await Promise.all(starts);
  if (firstError !== undefined) throw firstError.error;
  return Object.assign({}, ...envs) as ServiceEnv;
}

/** The clients of Temporal and Kubernetes take seconds to load: only what is started is loaded, and while others start. */
async function startTemporal(
  context: ServiceContext,
  options: { readonly namespace: string; readonly fairness: boolean },
): Promise<ServiceEnv> {
  const temporal = await import('./services/temporal.ts');
  return temporal.startTemporal(context, options);
}

/** Control plane and nodes are separate pieces: nodes of another kind can take the place of the simulated ones. */
async function startKubernetes(context: ServiceContext, nodes: NodeProvider): Promise<ServiceEnv> {
  const { startControlPlane } = await import('./services/kubernetes.ts');
  // The nodes need the client, and it loads while etcd and the API server start.
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
    if (path === undefined) throw new Error(`${name} was not among the tools of this start`);
    return path;
  };
}

function portsOf(ports: Ports, services: ServiceChoice, nodes?: NodeProvider): readonly PortNeed[] {
  const needs: PortNeed[] = [];
  if (services.postgres) needs.push(portNeed(ports, 'postgres', 'Postgres'));
  if (services.temporal) {
    needs.push(portNeed(ports, 'temporal', 'Temporal'));
    needs.push(portNeed(ports, 'temporalUi', "Temporal's Web UI"));
    needs.push(portNeed(ports, 'temporalHttp', "Temporal's HTTP API"));
    needs.push(portNeed(ports, 'temporalMetrics', "Temporal's metrics"));
  }
  if (services.kubernetes) {
    needs.push(portNeed(ports, 'kubernetes', 'the Kubernetes API'));
    needs.push(portNeed(ports, 'etcd', 'etcd'));
    needs.push(portNeed(ports, 'etcdPeer', "etcd's peers"));
    needs.push(portNeed(ports, 'controllerManager', 'kube-controller-manager'));
    needs.push(portNeed(ports, 'scheduler', 'kube-scheduler'));
  }
  for (const { name, purpose } of nodes?.ports ?? []) needs.push(portNeed(ports, name, purpose));
  return needs;
}
