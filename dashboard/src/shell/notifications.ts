import type { TenantEvent } from '@store-platform/client';
import { readStored, writeStored } from '../browser/storage.ts';
import type { Tone } from '../ui/badge.tsx';

/** Events that a person wants to know about, also when they happened on another page or in another browser. */
export const OUTCOMES = {
  'store.ready': 'success',
  'store.failed': 'danger',
  'store.cancelled': 'neutral',
  'store.deleted': 'success',
  'operation.held': 'warning',
  'delete.undone': 'success',
  'store.degraded': 'warning',
  'store.recovered': 'success',
} as const satisfies Partial<Record<TenantEvent['type'], Tone>>;
export type OutcomeType = keyof typeof OUTCOMES;

/** An outcome in the list of notifications. */
export interface Notification {
  readonly seq: number;
  readonly type: OutcomeType;
  readonly storeId: string;
  readonly storeName: string;
  readonly at: string;
  readonly isRead: boolean;
}

/** More than a person reads. The events of a store have the rest. */
const MAX_KEPT = 50;
const NONE: readonly Notification[] = [];

export interface NotificationList {
  readonly get: () => readonly Notification[];
  readonly subscribe: (listener: () => void) => () => void;
  readonly add: (notification: Notification) => void;
  readonly markRead: () => void;
}

/** Returns whether an event is an outcome. */
export function isOutcome(type: TenantEvent['type']): type is OutcomeType {
  return type in OUTCOMES;
}

/** The notifications of a person in a tenant. All tabs of the browser share them. */
export function notificationList(key: string): NotificationList {
  const listeners = new Set<() => void>();
  let text: string | null | undefined;
  let list = NONE;

  function get(): readonly Notification[] {
    const stored = readStored(key);
    if (stored !== text) {
      text = stored;
      list = parseList(stored);
    }
    return list;
  }

  function set(next: readonly Notification[]): void {
    writeStored(key, JSON.stringify(next));
    for (const listener of listeners) listener();
  }

  return {
    get,
    subscribe: (listener) => {
      listeners.add(listener);
      // Another tab has changed the list.
      window.addEventListener('storage', listener);
      return () => {
        listeners.delete(listener);
        window.removeEventListener('storage', listener);
      };
    },
    add: (notification) => set(withNotification(get(), notification)),
    markRead: () => {
      if (get().some(({ isRead }) => !isRead)) set(get().map((each) => ({ ...each, isRead: true })));
    },
  };
}

/** Adds a notification once, newest first, and drops the oldest ones. */
export function withNotification(list: readonly Notification[], added: Notification): readonly Notification[] {
  if (list.some(({ seq }) => seq === added.seq)) return list;
  return [added, ...list].toSorted((one, other) => other.seq - one.seq).slice(0, MAX_KEPT);
}

/** Reads a stored list. An earlier version of the page may have written something else. */
export function parseList(stored: string | null): readonly Notification[] {
  if (stored === null) return NONE;
  try {
    const parsed: unknown = JSON.parse(stored);
    return Array.isArray(parsed) ? (parsed as Notification[]).filter(({ type }) => isOutcome(type)) : NONE;
  } catch {
    return NONE;
  }
}
