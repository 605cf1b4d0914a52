import type { StoreClient } from './traffic/client.ts';
import type { Expectation } from './checks/history-checks.ts';
import type { Violation } from './checks/violation.ts';
import type { FaultEnvironment } from './environment/environment.ts';
import type { Random } from './traffic/random.ts';
import type { TrafficShape } from './traffic/traffic.ts';
import type { Watch } from './runs/watch.ts';

/** Everything that a fault can use while the clients send requests. */
export interface FaultContext {
  readonly environment: FaultEnvironment;
  readonly watch: Watch;
  readonly random: Random;
  /** Sends the requests of the fault itself. The checks treat them like the requests of all other clients. */
  readonly client: StoreClient;
  /** Prefix of all idempotency keys of this run. */
  readonly runName: string;
  /** Returns the length of an outage in milliseconds: `longMs` in the long form, 6 to 15 s in the short form. */
  readonly outageMs: (longMs: number) => number;
  /** Starts the measurement of recovery. Call it when the fault is over, or, for a kill, when the process is killed. */
  readonly markHealed: () => void;
  /** Reports these seconds instead of the recovery times, for a fault that is never healed. */
  readonly reportSeconds: (seconds: readonly number[]) => void;
  /** Resolves when all clients have finished. */
  readonly trafficDone: Promise<void>;
}

/** One entry of the catalogue. */
export interface FaultKind {
  readonly kind: string;
  /** Describes the fault in the table of docs/faults.md. */
  readonly title: string;
  readonly traffic?: Partial<TrafficShape>;
  /** Expected final status of stores that no client cancels or deletes. Default: `ready`. */
  readonly expects?: Expectation;
  /** Quota of the tenant. Default: `MAX_STORES` of the environment. */
  readonly quota?: number;
  /** True: the fault needs `--temporal cluster`. The development server is one process. */
  readonly needsTemporalCluster?: boolean;
  /** Returns the reason why this machine can't run the fault, or undefined when it can. */
  readonly unavailable?: () => string | undefined;
  /** Runs before the clients start. */
  readonly setUp?: (context: FaultContext) => Promise<void>;
  /** Runs under traffic: breaks something and heals it. Returns the violations that only this fault can detect. */
  readonly inject: (context: FaultContext) => Promise<readonly Violation[] | void>;
  /** Runs after everything is healed and before the checks. */
  readonly tearDown?: (context: FaultContext) => Promise<void>;
}
