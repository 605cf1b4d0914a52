import { ENGINES, type Engine } from '../../../domain/engines/index.ts';
import { BROKEN_STORES } from '../environment/charts.ts';
import type { Random } from './random.ts';

/** A step of a client after the create of its store. */
export type ClientStep =
  /** Waits until the store has no running operation. */
  | { readonly kind: 'waitUntilIdle' }
  | { readonly kind: 'pause'; readonly ms: number }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'retry' }
  | { readonly kind: 'delete' }
  | { readonly kind: 'events' };

/** Everything that a client does with one store. */
export interface StoreScript {
  readonly key: string;
  readonly name: string;
  readonly engine: Engine;
  /** Number of creates that the client sends at the same time, with the same key. */
  readonly copies: number;
  readonly steps: readonly ClientStep[];
}

/** The scripts of all clients of a run. Each client runs its scripts one after the other. */
export interface Traffic {
  readonly clients: readonly (readonly StoreScript[])[];
}

export type Breakage = keyof typeof BROKEN_STORES;

export interface TrafficShape {
  readonly clients: number;
  readonly storesEach: number;
  /** Scenarios to draw from. Default: all of them. */
  readonly scenarios?: readonly Scenario[];
  /** Engines to draw from. Default: all of them. */
  readonly engines?: readonly Engine[];
  /** Breaks every store in this way. */
  readonly broken?: Breakage;
}

const IDLE = { kind: 'waitUntilIdle' } as const;
const EVENTS = { kind: 'events' } as const;

/** Longest pause before a client cancels or deletes its store: about as long as a provision takes. */
const MAX_PAUSE_MS = 2_500;

/** Actions of a client after its create. */
const SCENARIOS = {
  kept: () => [IDLE, EVENTS],
  deleted: () => [IDLE, EVENTS, { kind: 'delete' }, IDLE, EVENTS],
  deletedEarly: (random) => [pause(random), { kind: 'delete' }, IDLE],
  cancelled: (random) => [pause(random), { kind: 'cancel' }, IDLE, EVENTS],
  cancelledAndRetried: (random) => [pause(random), { kind: 'cancel' }, IDLE, { kind: 'retry' }, IDLE, EVENTS],
  cancelledAndDeleted: (random) => [pause(random), { kind: 'cancel' }, pause(random), { kind: 'delete' }, IDLE],
} as const satisfies Record<string, (random: Random) => readonly ClientStep[]>;

export type Scenario = keyof typeof SCENARIOS;
const ALL_SCENARIOS: readonly Scenario[] = [
  'kept',
  'deleted',
  'deleted',
  'deletedEarly',
  'cancelled',
  'cancelledAndRetried',
  'cancelledAndDeleted',
];

function pause(random: Random): ClientStep {
  return { kind: 'pause', ms: random.int(0, MAX_PAUSE_MS) };
}

/** Draws the traffic of a run. `runName` makes its keys different from the keys of all other runs. */
export function drawTraffic(random: Random, runName: string, shape: TrafficShape): Traffic {
  const draw = (client: number, index: number): StoreScript => {
    const key = `${runName}-${client}-${index}`;
    const scenario = random.pick(shape.scenarios ?? ALL_SCENARIOS);
    return {
      key,
      name: shape.broken === undefined ? `Shop ${key}` : `${BROKEN_STORES[shape.broken]} ${key}`,
      engine: random.pick(shape.engines ?? ENGINES),
      copies: random.chance(0.2) ? random.int(2, 4) : 1,
      steps: SCENARIOS[scenario](random),
    };
  };
  return {
    clients: Array.from({ length: shape.clients }, (_, client) =>
      Array.from({ length: shape.storesEach }, (_none, index) => draw(client, index)),
    ),
  };
}
