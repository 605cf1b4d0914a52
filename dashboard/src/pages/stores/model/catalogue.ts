import type { Operation, Store, StoreEvent } from '@store-platform/client';

/** Words of the contract that the store pages list. Each table is exhaustive, so a new word is a type error here. */

export type StoreStatus = Store['status'];
export type Engine = Store['engine'];
export type Action = Store['allowedActions'][number];
export type OperationKind = Operation['kind'];
export type OperationStatus = Operation['status'];
export type Step = NonNullable<Operation['step']>;
export type EventType = StoreEvent['type'];
export type Failure = NonNullable<Operation['failure']>;
export type FailureCode = Failure['code'];

export type Tone = 'neutral' | 'info' | 'success' | 'warning' | 'danger';

export const STATUS_TONES = {
  requested: 'info',
  provisioning: 'info',
  held: 'warning',
  ready: 'success',
  failed: 'danger',
  cancelled: 'neutral',
  deleting: 'warning',
  deleted: 'neutral',
} as const satisfies Record<StoreStatus, Tone>;

export const STATUSES = Object.keys(STATUS_TONES) as readonly StoreStatus[];

export const OPERATION_TONES = {
  requested: 'info',
  running: 'info',
  queued: 'info',
  held: 'warning',
  succeeded: 'success',
  failed: 'danger',
  cancelled: 'neutral',
  superseded: 'neutral',
} as const satisfies Record<OperationStatus, Tone>;

/** The steps of each kind, in their order. */
export const STEPS = {
  provision: ['prepare-namespace', 'ensure-secrets', 'install-release', 'await-ready', 'verify'],
  delete: ['uninstall-release', 'undelete-window', 'delete-namespace', 'await-absence'],
} as const satisfies Record<OperationKind, readonly Step[]>;

export const ENGINE_NAMES = { woocommerce: 'WooCommerce', medusa: 'Medusa' } as const satisfies Record<Engine, string>;

export const ENGINES = Object.keys(ENGINE_NAMES) as readonly Engine[];

/** Statuses in which a store changes by itself soon. */
export function isMoving(status: StoreStatus): boolean {
  return status === 'requested' || status === 'provisioning' || status === 'deleting';
}

export const EVENT_TONES = {
  'store.requested': 'info',
  'operation.started': 'info',
  'step.started': 'info',
  'step.completed': 'success',
  'step.failed': 'danger',
  'operation.queued': 'neutral',
  'operation.held': 'warning',
  'operation.continued': 'info',
  'operation.aborted': 'warning',
  'undo.started': 'neutral',
  'undo.completed': 'neutral',
  'undo.failed': 'danger',
  'cancel.requested': 'warning',
  'delete.requested': 'warning',
  'retry.requested': 'info',
  'undelete.requested': 'info',
  'delete.undone': 'info',
  'store.adopted': 'info',
  'store.ready': 'success',
  'store.drifted': 'warning',
  'store.repaired': 'success',
  'store.degraded': 'danger',
  'store.recovered': 'success',
  'condition.changed': 'warning',
  'leftovers.removed': 'neutral',
  'store.failed': 'danger',
  'store.cancelled': 'neutral',
  'store.deleted': 'neutral',
} as const satisfies Record<EventType, Tone>;

/** Events whose message says more than their type and step. */
const TELLING: readonly EventType[] = [
  'step.failed',
  'operation.held',
  'operation.continued',
  'operation.aborted',
  'undo.completed',
  'undo.failed',
  'store.drifted',
  'store.degraded',
  'condition.changed',
  'leftovers.removed',
  'store.failed',
];

/** Returns whether the message of an event says more than its type and step. */
export function tellsMore(type: EventType): boolean {
  return TELLING.includes(type);
}
