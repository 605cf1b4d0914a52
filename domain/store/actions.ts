import { assertNever } from '../assert-never.ts';
import type { StoreStatus } from './status.ts';
import type { Step } from '../operations/catalogue.ts';

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

/** Returns the actions that a store allows in its current state. This is the only such table. */
export function allowedActions(store: ActionableStore): readonly StoreAction[] {
  const { status, step } = store;
  switch (status) {
    case 'requested':
      // A retry is safe until a run has taken the operation up, and it starts a run that was never started.
      return store.isDeleteRequested ? ['retry', 'delete'] : ['cancel', 'retry', 'delete'];
    case 'provisioning':
      return store.isDeleteRequested ? ['delete'] : ['cancel', 'delete'];
    case 'held':
      if (store.isDeleteRequested) return ['delete'];
      return ['continue', ...(step === 'verify' ? (['skip-verification'] as const) : []), 'abort', 'cancel', 'delete'];
    case 'ready':
      return ['delete'];
    case 'failed':
    case 'cancelled':
      return ['retry', 'delete'];
    case 'deleting':
      return step === 'undelete-window' ? ['undelete'] : [];
    case 'deleted':
      return [];
    default:
      return assertNever(status);
  }
}

/** Actions that are sent to the waiting run, each with the name of its Temporal signal. Wire format. */
export const SIGNALS = {
  continue: 'continue',
  'skip-verification': 'skipVerification',
  abort: 'abort',
  undelete: 'undelete',
} as const satisfies Partial<Record<StoreAction, string>>;
export type SignalAction = keyof typeof SIGNALS;
