import { type Evidence, StoreError } from '../../domain/failure.ts';
import type { VerifyCheckoutInput, VerifyStoreInput } from '../../domain/ports/cluster.ts';
import type { CheckoutVerification, Verification } from '../../domain/store/store.ts';
import type { Kube } from '../adapters/kube.ts';
import { readSecretEntries } from '../namespace/secrets.ts';
import { gatherServingEvidence } from '../readiness/evidence.ts';
import { timeLimit } from '../../domain/time-limit.ts';
import { attemptSignal, withHeartbeat } from '../runtime/activity-context.ts';
import { oneLine, redact } from '../runtime/redaction.ts';
import type { CheckoutClient, CheckoutInput } from './checkout-client.ts';
import { createCheckoutClient } from './checkout-clients.ts';
import { connectToStorefront } from './merchant-connection.ts';
import { VerificationFailure } from './verification-failure.ts';
import type { Owned, OwnedStore } from '../namespace/ownership.ts';
import type { StoreTarget } from '../../domain/operations/inputs.ts';

export interface VerificationDependencies {
  readonly kube: Kube;
  readonly now: () => number;
  /** Returns the public address of a store: scheme, host and port. */
  readonly addressOf: (store: StoreTarget) => string;
  /** Certificates of authorities in PEM that sign the stores' certificates, in addition to the public ones. */
  readonly ca?: string | undefined;
  /** Time limit of `verifyCheckout` for all requests to the store together. Default: 45 s. */
  readonly checkoutLimitMs?: number;
}

/** A checkout takes about 2 s. An ingress that delays each answer must not keep the verifications of other stores waiting. */
const CHECKOUT_LIMIT_MS = 45_000;

/** An issuer needs minutes for a certificate. With this pause, all attempts together take five minutes. */
const CERTIFICATE_RETRY_MS = 30_000;
/** Codes of Node for a certificate that it rejects. */
const CERTIFICATE_CODE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/;

/** Of the 20 log lines of the evidence, two hold the store's answer and the steps that succeeded. */
const MAX_LOG_LINES = 18;

/**
 * Verifies that a store accepts orders. The customer uses the public address. The merchant, who has a password, connects through
 * the Kubernetes API.
 */
export function createVerificationActivities(deps: VerificationDependencies) {
  const { kube, now, addressOf, ca, checkoutLimitMs = CHECKOUT_LIMIT_MS } = deps;

  /**
   * Places a verification order and cancels it. Safe to repeat: an order of an earlier attempt of the same run counts
   * and is cancelled. No password leaves this function: it reads the Secret itself and redacts failures with its
   * values.
   *
   * @throws StoreError VERIFICATION_FAILED, with evidence
   */
  async function verifyStore({ nodes, store, run }: Owned<VerifyStoreInput>): Promise<Verification> {
    if (nodes === 'simulated') {
      const reason = 'the nodes of this cluster are simulated: no pod serves the store';
      return { outcome: 'skipped', reason, at: new Date(now()).toISOString() };
    }
    const verificationId = run.round === undefined ? run.runId : `${run.runId}-${run.round}`;
    return verify<Verification>(store, {
      run: async (checkout, input) => {
        const { order, steps } = await checkout.placeOrder({ verificationId, ...input });
        if (order === null) throw new Error('the checkout client returned no order');
        const at = new Date(now()).toISOString();
        return { outcome: 'passed', at, order: { number: order.number, total: order.total }, steps };
      },
      onFailure: async (failure, secrets) => {
        throw await verificationFailed(kube, store, failure, secrets);
      },
    });
  }

  /**
   * Does every step up to the order, and changes nothing that the merchant sees. Safe to repeat. A store that needs more than
   * the time limit has failed.
   */
  async function verifyCheckout({ store }: Owned<VerifyCheckoutInput>): Promise<CheckoutVerification> {
    return verify<CheckoutVerification>(store, {
      limitMs: checkoutLimitMs,
      run: async (checkout, input) => ({ outcome: 'passed', steps: (await checkout.verifyCheckout(input)).steps }),
      onFailure: async (failure, secrets) => ({
        outcome: 'failed',
        step: failure.step,
        reason: failure.reason,
        message: messageOf(failure, secrets),
      }),
    });
  }

  /** Runs a verification with heartbeats that name its current step. `onFailure` gets the values to redact. */
  async function verify<T>(
    store: OwnedStore,
    verification: {
      /** Milliseconds. Default: only the requests have time limits. */
      readonly limitMs?: number;
      readonly run: (checkout: CheckoutClient, input: CheckoutInput) => Promise<T>;
      readonly onFailure: (failure: VerificationFailure, secrets: readonly string[]) => Promise<T>;
    },
  ): Promise<T> {
    let current = 'read-secret';
    return withHeartbeat(
      async () => {
        const secret = await readSecretEntries(kube, store);
        const limit = verification.limitMs === undefined ? undefined : timeLimit(verification.limitMs);
        const signals = [attemptSignal(), limit].filter((signal) => signal !== undefined);
        try {
          const baseUrl = addressOf(store);
          const checkout = createCheckoutClient(store, {
            customer: { baseUrl, ca },
            merchant: { baseUrl, connect: () => connectToStorefront(kube, store) },
            secret,
          });
          return await verification.run(checkout, {
            onStep: (step) => void (current = step),
            ...(signals.length === 0 ? {} : { signal: AbortSignal.any(signals) }),
          });
        } catch (error) {
          if (limit?.aborted === true && attemptSignal()?.aborted !== true) {
            return verification.onFailure(timedOut(current, verification.limitMs), Object.values(secret));
          }
          if (!(error instanceof VerificationFailure)) throw error;
          return verification.onFailure(error, Object.values(secret));
        }
      },
      () => current,
    );
  }

  return { verifyStore, verifyCheckout };
}

function timedOut(step: string, limitMs = 0): VerificationFailure {
  return new VerificationFailure(`the store did not complete the checkout within ${limitMs / 1_000} s`, {
    step,
    reason: 'timed-out',
  });
}

/** Creates the error of a failed verification with its evidence. */
async function verificationFailed(
  kube: Kube,
  store: StoreTarget,
  failure: VerificationFailure,
  secrets: readonly string[],
): Promise<StoreError> {
  const { events, logLines } = await gatherServingEvidence(kube, store, { secrets, maxLogLines: MAX_LOG_LINES });
  const evidence: Evidence = {
    object: 'verification order',
    reason: failure.reason,
    step: failure.step,
    events,
    logLines: [...summaryOf(failure).map((line) => clean(line, secrets)), ...logLines],
  };
  // The failure is not kept as cause: Temporal would store its message, which is not redacted.
  const retryAfterMs = isCertificateProblem(failure) ? CERTIFICATE_RETRY_MS : undefined;
  return new StoreError('VERIFICATION_FAILED', messageOf(failure, secrets), { evidence, retryAfterMs });
}

/** Returns whether the store has no valid certificate, such as the ingress controller's own before the issuer has issued one. */
function isCertificateProblem(failure: VerificationFailure): boolean {
  let error: unknown = failure.cause;
  while (typeof error === 'object' && error !== null) {
    const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };
    if (typeof code === 'string' && CERTIFICATE_CODE.test(code)) return true;
    error = cause;
  }
  return false;
}

function messageOf({ step, message }: VerificationFailure, secrets: readonly string[]): string {
  return clean(`${step}: ${message}`, secrets);
}

/** Returns the steps that succeeded and the store's answer, as at most two lines. */
function summaryOf({ completed, answer }: VerificationFailure): readonly string[] {
  const steps = completed.map(({ step, durationMs }) => `${step} ${durationMs} ms`).join(', ');
  return [
    ...(steps === '' ? [] : [`completed steps: ${steps}`]),
    ...(answer === null ? [] : [`the store answered ${answer.status}: ${answer.body}`]),
  ];
}

function clean(text: string, secrets: readonly string[]): string {
  return oneLine(redact(text, secrets));
}
