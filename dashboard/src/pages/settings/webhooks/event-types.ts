import type { Webhook } from '@store-platform/client';

export type EventType = NonNullable<Webhook['eventTypes']>[number];

/** Whether an event is a result that most receivers need. A type of event without a row is a type error. */
const IS_RESULT: Readonly<Record<EventType, boolean>> = {
  'store.requested': true,
  'store.ready': true,
  'store.failed': true,
  'store.cancelled': true,
  'store.deleted': true,
  'store.degraded': true,
  'store.recovered': true,
  'store.drifted': true,
  'store.repaired': true,
  'store.adopted': true,
  'operation.started': false,
  'operation.queued': false,
  'operation.held': true,
  'operation.continued': false,
  'operation.aborted': true,
  'step.started': false,
  'step.completed': false,
  'step.failed': false,
  'undo.started': false,
  'undo.completed': false,
  'undo.failed': false,
  'cancel.requested': false,
  'delete.requested': false,
  'retry.requested': false,
  'undelete.requested': false,
  'delete.undone': false,
  'condition.changed': false,
  'leftovers.removed': false,
};

/** All types of events, results first. */
export const EVENT_TYPES: readonly EventType[] =
  // The keys of the table are the types.
  (Object.keys(IS_RESULT) as EventType[]).toSorted((a, b) => Number(IS_RESULT[b]) - Number(IS_RESULT[a]));

/** Types that a new webhook proposes. */
export const RESULT_TYPES: readonly EventType[] = EVENT_TYPES.filter((type) => IS_RESULT[type]);
