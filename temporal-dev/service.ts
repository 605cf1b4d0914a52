import type { ClusterPki } from './services/kubernetes-pki.ts';
import type { PortName, Ports } from './processes/ports.ts';
import type { StateFolder } from './processes/state-folder.ts';
import type { Supervisor } from './processes/supervisor.ts';
import type { ToolName } from './tools/tool-manifest.ts';

/** What every service of the stack is started with. */
export interface ServiceContext {
  readonly supervisor: Supervisor;
  readonly folder: StateFolder;
  readonly ports: Ports;
  /** Where a program lies; all that the chosen services need have been found by then. */
  readonly toolPath: (name: ToolName) => string;
  readonly signal: AbortSignal;
  /** False: nothing has to survive, so nothing waits for the disk. */
  readonly durable: boolean;
  /** Told what is going on, one short sentence at a time. */
  readonly report: (message: string) => void;
}

/** A control plane that is up. */
export interface LocalCluster {
  /** Its administrator's. */
  readonly kubeconfig: string;
  readonly pki: ClusterPki;
}

/** What runs the pods of the local cluster; the control plane knows nothing about it. */
export interface NodeProvider {
  /** As `--cluster` names it. */
  readonly name: 'simulated' | 'node';
  /** For people: what these nodes do and don't do, as one phrase. */
  readonly description: string;
  readonly tools: readonly ToolName[];
  /** Ports that these nodes take besides those of the control plane, and what for. */
  readonly ports: readonly { readonly name: PortName; readonly purpose: string }[];
  /** Asked before anything is fetched or started. @throws StackError when this machine can't run such nodes. */
  requireMachine(): void;
  /**
   * Called on a control plane that is up; returns when pods can run and volume claims are bound.
   *
   * @returns settings that only these nodes know.
   */
  start(context: ServiceContext, cluster: LocalCluster): Promise<ServiceEnv>;
}

/** Settings that the platform's processes need to use what was started. */
export type ServiceEnv = Readonly<Record<string, string>>;

/** All that a program of the stack may see of our environment; it never sees the user's clusters or databases. */
export function plainEnvironment(): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const name of ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ']) {
    const value = process.env[name];
    if (value !== undefined) plain[name] = value;
  }
  return plain;
}
