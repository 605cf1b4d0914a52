import type { EventType, StoreEvent } from './store/store.ts';
import type { Engine } from './engines/index.ts';

/** Statuses of a webhook. Only an enabled one gets deliveries. */
export const WEBHOOK_STATUSES = ['enabled', 'disabled'] as const;
export type WebhookStatus = (typeof WEBHOOK_STATUSES)[number];

/**
 * Why a webhook is disabled.
 *
 * - `requested`: a caller disabled it
 * - `gone`: the receiver answered 410
 * - `failing`: every delivery failed for five days
 */
export const DISABLED_REASONS = ['requested', 'gone', 'failing'] as const;
export type DisabledReason = (typeof DISABLED_REASONS)[number];

/**
 * States of a delivery.
 *
 * - `pending`: not attempted yet
 * - `retrying`: an attempt failed, and another one follows
 * - `delivered`: the receiver answered with a status from 200 to 299
 * - `failed`: the last attempt failed
 * - `cancelled`: the webhook was disabled or deleted, or the event was erased, before the delivery
 */
export const DELIVERY_STATES = ['pending', 'retrying', 'delivered', 'failed', 'cancelled'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** Type of the message that a caller requests to test a webhook. It reports no event of a store. */
export const PING = 'ping';
export type MessageType = EventType | typeof PING;

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * Milliseconds between two attempts of a delivery: eight attempts in about 28 hours. The first numbers are those that the
 * Standard Webhooks specification recommends.
 */
export const RETRY_DELAYS_MS = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  10 * HOUR_MS,
] as const;

/** The longest wait that `Retry-After` of a receiver can ask for. */
export const MAX_RETRY_AFTER_MS = HOUR_MS;

/** A webhook whose deliveries all failed for this time is disabled. */
export const DISABLE_AFTER_MS = 5 * 24 * HOUR_MS;

/** Time in which the former secret signs too after a rotation. */
export const SECRET_OVERLAP_MS = 24 * HOUR_MS;
/** Secrets that can be valid at the same time. Each adds a signature to the header of every request. */
export const MAX_SECRETS = 5;

/** Webhooks that a tenant may have. Each event of the tenant can cause this many deliveries. */
export const MAX_WEBHOOKS_PER_TENANT = 20;

/** Maximum size of the body of a delivery. */
export const MAX_PAYLOAD_BYTES = 64 * 1_024;

/**
 * Returns the milliseconds until the next attempt: the planned delay with up to 20 % more, so that deliveries that failed
 * together do not return together, or the time that the receiver asked for if it is longer.
 */
export function nextAttemptInMs(input: {
  /** Null: the attempt was the last one. */
  readonly delayMs: number | null;
  readonly retryAfterMs: number | undefined;
  /** At least 0 and below 1. */
  readonly random: number;
}): number | null {
  const { delayMs, retryAfterMs = 0, random } = input;
  if (delayMs === null) return null;
  const spread = Math.round(delayMs * (1 + random / 5));
  return Math.max(spread, Math.min(retryAfterMs, MAX_RETRY_AFTER_MS));
}

/** A secret as the records hold it. */
export interface StoredSecret {
  /** The encrypted secret. */
  readonly sealed: string;
  readonly createdAt: string;
  /** When a rotation ends it. Null: it is the newest secret. */
  readonly expiresAt: string | null;
}

/** Returns the secrets that sign at this time, newest first. */
export function activeSecrets(secrets: readonly StoredSecret[], now: Date): readonly StoredSecret[] {
  return secrets.filter(({ expiresAt }) => expiresAt === null || new Date(expiresAt) > now);
}

/** Returns the secrets after a rotation, newest first. The former newest one stays valid for 24 hours. */
export function rotateSecrets(
  secrets: readonly StoredSecret[],
  { sealed, now }: { readonly sealed: string; readonly now: Date },
): readonly StoredSecret[] {
  const until = new Date(now.getTime() + SECRET_OVERLAP_MS).toISOString();
  const former = activeSecrets(secrets, now).map((secret) => ({ ...secret, expiresAt: secret.expiresAt ?? until }));
  return [{ sealed, createdAt: now.toISOString(), expiresAt: null }, ...former].slice(0, MAX_SECRETS);
}

/** The facts about a store that a message contains. They do not change, so every attempt sends the same body. */
export interface MessageStore {
  readonly storeId: string;
  readonly name: string;
  readonly engine: Engine;
  readonly slug: string;
}

/** Returns the body of the message about an event. If it would be too large, it has no `event.data`. */
export function eventPayload(store: MessageStore, event: StoreEvent): string {
  const payload = (shown: StoreEvent) =>
    JSON.stringify({ type: event.type, timestamp: event.at, data: { store, event: shown } });
  const whole = payload(event);
  if (bytesIn(whole) <= MAX_PAYLOAD_BYTES) return whole;
  return payload({ ...event, data: {}, message: event.message.slice(0, 1_000) });
}

/** Returns the body of the message that tests a webhook. */
export function pingPayload(webhookId: string, at: Date): string {
  return JSON.stringify({ type: PING, timestamp: at.toISOString(), data: { webhookId } });
}

function bytesIn(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}
