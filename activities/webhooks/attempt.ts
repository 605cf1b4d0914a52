import { ApplicationFailure, log } from '@temporalio/activity';
import type {
  AttemptResult,
  DeliveryRecords,
  LoadedDelivery,
  WebhookRecord,
} from '../../domain/ports/webhook-records.ts';
import {
  activeSecrets,
  DISABLE_AFTER_MS,
  eventPayload,
  nextAttemptInMs,
  PING,
  pingPayload,
} from '../../domain/webhooks.ts';
import type { SecretBox } from '../../webhooks/secrets.ts';
import type { SendResult, WebhookSender } from '../../webhooks/sender.ts';
import { signatureHeaders } from '../../webhooks/signature.ts';
import { attemptNumber, withHeartbeat } from '../runtime/activity-context.ts';
import { throttledDelayMs } from '../runtime/back-pressure.ts';

/** Requests to one webhook at the same time, per worker. A slow receiver must not use all slots. */
const MAX_REQUESTS_PER_WEBHOOK = 4;
/** A request takes at most ten seconds, and most take less than one. */
const BUSY_RETRY_MS = 1_000;
const HTTP_GONE = 410;
const BUSY_STATUSES: readonly number[] = [429, 503];

export interface AttemptInput {
  readonly deliveryId: string;
  readonly round: number;
  /** Number of the attempt in its round; the first one is 1. */
  readonly attempt: number;
  /** Milliseconds until the next attempt if this one fails. Null: this one is the last. */
  readonly delayMs: number | null;
}

export interface AttemptOutcome {
  /** Milliseconds until the next attempt. Null: the round has ended. */
  readonly nextAttemptInMs: number | null;
}

export interface AttemptDependencies {
  readonly records: Pick<DeliveryRecords, 'load' | 'recordAttempt'>;
  readonly sender: Pick<WebhookSender, 'send'>;
  readonly secrets: Pick<SecretBox, 'open'>;
  readonly random: () => number;
  readonly now: () => Date;
}

const ENDED: AttemptOutcome = { nextAttemptInMs: null };

/**
 * Creates the activity that attempts a delivery. Safe to repeat: an attempt that is recorded is not made again. A worker that
 * dies between the request and the record makes the next attempt send the same message again, with the same id.
 */
export function createAttemptActivities(deps: AttemptDependencies) {
  const { records, sender, secrets, random, now } = deps;
  const running = new Map<string, number>();

  /** Sends the message of a delivery once, and records the result. */
  async function attemptDelivery(input: AttemptInput): Promise<AttemptOutcome> {
    const loaded = await records.load(input.deliveryId);
    const known = loaded === undefined ? ENDED : knownOutcome(loaded, input, now());
    if (known !== undefined || loaded === undefined) return known ?? ENDED;
    const message = messageOf(loaded, now());
    if ('problem' in message) return record(loaded, input, cancelled(message.problem));
    return record(loaded, input, await sendOnce(message, input));
  }

  async function sendOnce({ webhook, messageId, body }: Message, input: AttemptInput): Promise<AttemptResult> {
    const count = running.get(webhook.id) ?? 0;
    if (count >= MAX_REQUESTS_PER_WEBHOOK) {
      throw busy(webhook.id, random());
    }
    running.set(webhook.id, count + 1);
    try {
      const at = now();
      const signing = activeSecrets(webhook.secrets, at).map(({ sealed }) => secrets.open(sealed, webhook.id));
      const headers = signatureHeaders({ messageId, at, body, secrets: signing });
      return resultOf(await withHeartbeat(() => sender.send({ url: webhook.url, headers, body })), input);
    } finally {
      const left = (running.get(webhook.id) ?? 1) - 1;
      if (left === 0) running.delete(webhook.id);
      else running.set(webhook.id, left);
    }
  }

  function resultOf(sent: SendResult, { delayMs }: AttemptInput): AttemptResult {
    if (sent.kind === 'answered' && sent.status >= 200 && sent.status < 300) {
      return { state: 'delivered', status: sent.status, error: null, snippet: sent.snippet, nextAttemptAt: null };
    }
    const failure =
      sent.kind === 'answered'
        ? { status: sent.status, error: `the receiver answered ${sent.status}`, snippet: sent.snippet }
        : { status: null, error: sent.reason, snippet: null };
    const isGone = failure.status === HTTP_GONE;
    const retryAfterMs =
      sent.kind === 'answered' && BUSY_STATUSES.includes(sent.status) ? sent.retryAfterMs : undefined;
    const nextMs = isGone ? null : nextAttemptInMs({ delayMs, retryAfterMs, random: random() });
    return {
      ...failure,
      state: nextMs === null ? 'failed' : 'retrying',
      nextAttemptAt: nextMs === null ? null : new Date(now().getTime() + nextMs),
      isGone,
    };
  }

  async function record(
    { delivery }: LoadedDelivery,
    { round, attempt }: AttemptInput,
    result: AttemptResult,
  ): Promise<AttemptOutcome> {
    const { id: deliveryId, webhookId } = delivery;
    const at = now();
    const disableIfFailingBefore = new Date(at.getTime() - DISABLE_AFTER_MS);
    const disabled = await records.recordAttempt({
      deliveryId,
      webhookId,
      round,
      attempt,
      result,
      disableIfFailingBefore,
      now: at,
    });
    if (disabled !== null) log.warn('a webhook was disabled', { webhookId, reason: disabled, error: result.error });
    return outcomeAt(result.nextAttemptAt, at);
  }

  return { attemptDelivery };
}

/** Frees the slot: Temporal starts the same attempt again later. Not a StoreError, because no caller ever sees it. */
function busy(webhookId: string, random: number): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'WEBHOOK_BUSY',
    message: `the webhook ${webhookId} has ${MAX_REQUESTS_PER_WEBHOOK} requests at the same time`,
    nonRetryable: false,
    nextRetryDelay: throttledDelayMs({ retryAfterMs: BUSY_RETRY_MS, attempt: attemptNumber(), random }),
  });
}

/** Returns the outcome of an attempt that is recorded or not needed, or undefined if the attempt must be made. */
function knownOutcome({ delivery }: LoadedDelivery, input: AttemptInput, now: Date): AttemptOutcome | undefined {
  if (delivery.round !== input.round || delivery.endedAt !== null) return ENDED;
  return delivery.attempts >= input.attempt ? outcomeAt(delivery.nextAttemptAt, now) : undefined;
}

function outcomeAt(next: Date | null, now: Date): AttemptOutcome {
  return next === null ? ENDED : { nextAttemptInMs: Math.max(0, next.getTime() - now.getTime()) };
}

interface Message {
  readonly webhook: WebhookRecord;
  readonly messageId: string;
  readonly body: string;
}

/** Returns the message of a delivery, or why it cannot be sent any more. */
function messageOf({ delivery, webhook, event }: LoadedDelivery, now: Date): Message | { readonly problem: string } {
  if (webhook === null) return { problem: 'the webhook was deleted' };
  if (webhook.status === 'disabled') return { problem: 'the webhook is disabled' };
  const { messageId, type, createdAt } = delivery;
  if (type === PING) return { webhook, messageId, body: pingPayload(webhook.id, createdAt) };
  if (event === null) return { problem: 'the event was erased' };
  if (activeSecrets(webhook.secrets, now).length === 0) return { problem: 'the webhook has no secret' };
  return { webhook, messageId, body: eventPayload(event.store, event.event) };
}

function cancelled(error: string): AttemptResult {
  return { state: 'cancelled', status: null, error, snippet: null, nextAttemptAt: null };
}
