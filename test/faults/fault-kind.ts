import type { StoreClient } from './traffic/client.ts';
import type { Expectation } from './checks/history-checks.ts';
import type { Violation } from './checks/violation.ts';
import type { FaultEnvironment } from './environment/environment.ts';
import type { Random } from './traffic/random.ts';
import type { TrafficShape } from './traffic/traffic.ts';
import type { Watch } from './runs/watch.ts';

/** What a fault may lay its hands on while the clients are at work. */
export interface FaultContext {
  readonly environment: FaultEnvironment;
  readonly watch: Watch;
  readonly random: Random;
  /** For what the fault asks for itself; it is judged like everything that clients ask for. */
  readonly client: StoreClient;
  /** Begins the keys of this run. */
  readonly runName: string;
  /** How long something stays away: the long form's time, or the few seconds of the short form. */
  readonly away: (longMs: number) => number;
  /** The moment from which recovery is measured: the fault is over, or, for a kill, has struck. */
  readonly markHealed: () => void;
  /** For a fault that no one heals: counts these seconds in place of recovery. */
  readonly measured: (seconds: readonly number[]) => void;
  /** Resolves when all clients have ended. */
  readonly trafficDone: Promise<void>;
}

/** One entry of the catalogue. */
export interface FaultKind {
  readonly kind: string;
  /** What happens, for people. */
  readonly title: string;
  readonly traffic?: Partial<TrafficShape>;
  /** How stores end that nobody cancelled or deleted; ready unless told. */
  readonly expects?: Expectation;
  /** Stores allowed at once, when it is not the environment's usual number. */
  readonly quota?: number;
  /** Why this machine can't run it, if it can't. */
  readonly unavailable?: () => string | undefined;
  /** Before the clients begin. */
  readonly setUp?: (context: FaultContext) => Promise<void>;
  /** Beside the clients: breaks something and heals it again. Returns what only it can see. */
  readonly inject: (context: FaultContext) => Promise<readonly Violation[] | void>;
  /** After everything is healed and before the world is judged. */
  readonly tearDown?: (context: FaultContext) => Promise<void>;
}
