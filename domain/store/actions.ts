import type { StoreStatus } from './status.ts';
import type { OperationKind, Step } from '../operations/catalogue.ts';

/** The actions on a store. The API has a request of the same name for each. */
export const ACTIONS = ['cancel', 'continue', 'skip-verification', 'abort', 'retry', 'delete', 'undelete'] as const;
export type StoreAction = (typeof ACTIONS)[number];

/** The facts that decide which actions a store allows. */
export interface ActionableStore {
  readonly status: StoreStatus;
  /** Step of the newest operation. */
  readonly step: Step | null;
  readonly isDeleteRequested: boolean;
}

/** The actions that a store allows in each status. This is the only such table. */
const ALLOWED_ACTIONS: Readonly<Record<StoreStatus, (store: ActionableStore) => readonly StoreAction[]>> = {
  // A retry is safe until a run has taken the operation up, and it starts a run that was never started.
  requested: ({ isDeleteRequested }) => (isDeleteRequested ? ['retry', 'delete'] : ['cancel', 'retry', 'delete']),
  provisioning: ({ isDeleteRequested }) => (isDeleteRequested ? ['delete'] : ['cancel', 'delete']),
  held: ({ step, isDeleteRequested }) => {
    if (isDeleteRequested) return ['delete'];
    return ['continue', ...(step === 'verify' ? (['skip-verification'] as const) : []), 'abort', 'cancel', 'delete'];
  },
  ready: () => ['delete'],
  failed: () => ['retry', 'delete'],
  cancelled: () => ['retry', 'delete'],
  deleting: ({ step }) => (step === 'undelete-window' ? ['undelete'] : []),
  deleted: () => [],
};

/** Returns the actions that a store allows in its current state. */
export function allowedActions(store: ActionableStore): readonly StoreAction[] {
  return ALLOWED_ACTIONS[store.status](store);
}

/** Actions that are sent to the waiting run, each with the name of its Temporal signal. Wire format. */
export const SIGNALS = {
  continue: 'continue',
  'skip-verification': 'skipVerification',
  abort: 'abort',
  undelete: 'undelete',
} as const satisfies Partial<Record<StoreAction, string>>;
export type SignalAction = keyof typeof SIGNALS;

/** Name of the Temporal signal that tells a waiting run that its operation was given a tenant slot. Wire format. */
export const TENANT_SLOT_SIGNAL = 'tenantSlotFree';

/** Actions that request an operation and have no options, each with the kind that it requests. Null: the newest kind again. */
const REQUESTS = { retry: null } as const satisfies Partial<Record<StoreAction, OperationKind | null>>;
export type RequestAction = keyof typeof REQUESTS;

/** Returns the kind of operation that an action requests. Null: the kind of the store's newest operation. */
export function requestedKind(action: RequestAction): OperationKind | null {
  return REQUESTS[action];
}
