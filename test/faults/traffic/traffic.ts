import { ENGINES, type Engine } from '../../../domain/engines/index.ts';
import { BROKEN_STORES } from '../environment/charts.ts';
import type { Random } from './random.ts';

/** What a client does with a store once it has asked for it. */
export type Act =
  /** Waits until no operation runs on the store. */
  | { readonly kind: 'settle' }
  | { readonly kind: 'pause'; readonly ms: number }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'retry' }
  | { readonly kind: 'delete' }
  | { readonly kind: 'events' };

/** The life of a store as its client plans it. */
export interface StoreScript {
  readonly key: string;
  readonly name: string;
  readonly engine: Engine;
  /** Sent that many times at once, under the same key. */
  readonly copies: number;
  readonly acts: readonly Act[];
}

/** What the clients of a run do: each works through its list, one store after the other. */
export interface Traffic {
  readonly clients: readonly (readonly StoreScript[])[];
}

export type Breakage = keyof typeof BROKEN_STORES;

export interface TrafficShape {
  readonly clients: number;
  readonly storesEach: number;
  /** Lives to draw from; all of them unless told. */
  readonly lifecycles?: readonly Lifecycle[];
  /** Every store is broken in this way. */
  readonly broken?: Breakage;
}

const SETTLE = { kind: 'settle' } as const;
const EVENTS = { kind: 'events' } as const;

/** Longest time that a client waits before it changes its mind: about as long as a provision takes. */
const CHANGE_OF_MIND_MS = 2_500;

/** Each a draw of what a client does after its create. */
const LIFECYCLES = {
  kept: () => [SETTLE, EVENTS],
  deleted: () => [SETTLE, EVENTS, { kind: 'delete' }, SETTLE, EVENTS],
  deletedEarly: (random) => [hesitate(random), { kind: 'delete' }, SETTLE],
  cancelled: (random) => [hesitate(random), { kind: 'cancel' }, SETTLE, EVENTS],
  cancelledAndRetried: (random) => [hesitate(random), { kind: 'cancel' }, SETTLE, { kind: 'retry' }, SETTLE, EVENTS],
  cancelledAndDeleted: (random) => [hesitate(random), { kind: 'cancel' }, hesitate(random), { kind: 'delete' }, SETTLE],
} as const satisfies Record<string, (random: Random) => readonly Act[]>;

export type Lifecycle = keyof typeof LIFECYCLES;
const ALL_LIFECYCLES: readonly Lifecycle[] = [
  'kept',
  'deleted',
  'deleted',
  'deletedEarly',
  'cancelled',
  'cancelledAndRetried',
  'cancelledAndDeleted',
];

function hesitate(random: Random): Act {
  return { kind: 'pause', ms: random.int(0, CHANGE_OF_MIND_MS) };
}

/** Draws the traffic of a run. `runName` keeps its keys apart from those of all other runs. */
export function drawTraffic(random: Random, runName: string, shape: TrafficShape): Traffic {
  const draw = (client: number, index: number): StoreScript => {
    const key = `${runName}-${client}-${index}`;
    const life = random.pick(shape.lifecycles ?? ALL_LIFECYCLES);
    return {
      key,
      name: shape.broken === undefined ? `Shop ${key}` : `${BROKEN_STORES[shape.broken]} ${key}`,
      engine: random.pick(ENGINES),
      copies: random.chance(0.2) ? random.int(2, 4) : 1,
      acts: LIFECYCLES[life](random),
    };
  };
  return {
    clients: Array.from({ length: shape.clients }, (_, client) =>
      Array.from({ length: shape.storesEach }, (_none, index) => draw(client, index)),
    ),
  };
}
