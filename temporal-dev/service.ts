import type { ClusterPki } from './services/kubernetes-pki.ts';
import type { PortName, PortNeed, Ports } from './processes/ports.ts';
import type { StateFolder } from './processes/state-folder.ts';
import type { Supervisor } from './processes/supervisor.ts';
import type { ToolName } from './tools/tool-spec.ts';

/** The inputs that every service of the stack needs to start. */
export interface ServiceContext {
  readonly supervisor: Supervisor;
  readonly folder: StateFolder;
  readonly ports: Ports;
  /**
   * Returns the path of a program. Every program of the chosen services is resolved before the first service starts.
   */
  readonly toolPath: (name: ToolName) => string;
  readonly signal: AbortSignal;
  /** False: the stack is temporary, so the services skip fsync. */
  readonly durable: boolean;
  /** True: the API server writes the requests of service accounts to `auditLogOf(folder)`. Default false. */
  readonly audit?: boolean;
  /** Receives progress messages, one short sentence per call. */
  readonly report: (message: string) => void;
}

/** A running control plane. */
export interface LocalCluster {
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly pki: ClusterPki;
}

/** Runs the pods of the local cluster. The control plane does not depend on it. */
export interface NodeProvider {
  /** The value of `--cluster`. */
  readonly name: 'simulated' | 'node';
  /** One phrase for the summary of `npm start`: what these nodes do and what they do not do. */
  readonly description: string;
  readonly tools: readonly ToolName[];
  /** Ports that these nodes use in addition to the ports of the control plane. */
  readonly ports: readonly PortName[];
  /** Runs before any program is fetched or started. @throws StackError when this machine can't run such nodes. */
  requireMachine(): void;
  /**
   * Starts the nodes of a running control plane. Returns when pods can run and volume claims can be bound.
   *
   * @returns the platform settings that depend on these nodes.
   */
  start(context: ServiceContext, cluster: LocalCluster): Promise<ServiceEnv>;
}

export interface TemporalOptions {
  /** Temporal namespace to create. */
  readonly namespace: string;
  /** False turns off task queue fairness. */
  readonly fairness: boolean;
  /** Waits until the Postgres of the stack is ready. Returns the URL of the platform's database. */
  readonly databaseUrl: () => Promise<string>;
  /** True: a node that exits is started again. False: the caller does it. */
  readonly restartNodes: boolean;
}

/** The Temporal server of the stack. */
export interface TemporalProvider {
  /** The value of `--temporal`. */
  readonly name: 'dev' | 'cluster';
  readonly tools: readonly ToolName[];
  /** Servers behind the address for clients, each with the name of its process. Empty: one process has this address. */
  readonly nodes: readonly { readonly name: string; readonly host: string }[];
  /** True: the server keeps its data in the Postgres of the stack. */
  readonly needsPostgres: boolean;
  portNeeds(ports: Ports): readonly PortNeed[];
  /** Runs before any program is fetched or started. @throws StackError when this machine can't run the server. */
  requireMachine(): Promise<void>;
  /** Starts the server. Returns when it accepts workflow starts. */
  start(context: ServiceContext, options: TemporalOptions): Promise<ServiceEnv>;
}

/** Settings that connect the platform's processes to the started services. */
export type ServiceEnv = Readonly<Record<string, string>>;

/**
 * Returns the environment variables that a program of the stack inherits. No variable that names a cluster or a
 * database of the user is among them.
 */
export function minimalEnvironment(): Record<string, string> {
  const inherited: Record<string, string> = {};
  for (const name of ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ']) {
    const value = process.env[name];
    if (value !== undefined) inherited[name] = value;
  }
  return inherited;
}
