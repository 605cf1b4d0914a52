import { assertNever } from '../assert-never.ts';
import type { StoreStatus } from './status.ts';
import type { Step } from '../operations/catalogue.ts';

/** What people can ask for, each by the request of the same name. */
export const ACTIONS = ['cancel', 'continue', 'skip-verification', 'abort', 'retry', 'delete', 'undelete'] as const;
export type StoreAction = (typeof ACTIONS)[number];

/** What decides about the allowedActions of a store. */
export interface ActionableStore {
  readonly status: StoreStatus;
  /** Step of the newest operation. */
  readonly step: Step | null;
  readonly isDeleteRequested: boolean;
}

/** What can be asked of a store as it is now: the only such table. */
export function allowedActions(store: ActionableStore): readonly StoreAction[] {
  const { status, step } = store;
  switch (status) {
    case 'requested':
      // Until a run has taken it up, asking again is harmless, and starts what may never have been started.
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

/** Moves that are told to the run that waits for them, each with the name of its Temporal signal: wire format. */
export const SIGNALS = {
  continue: 'continue',
  'skip-verification': 'skipVerification',
  abort: 'abort',
  undelete: 'undelete',
} as const satisfies Partial<Record<StoreAction, string>>;
export type SignalAction = keyof typeof SIGNALS;
