import { StoreError } from '../../domain/failure.ts';
import type { StoreTarget } from '../../domain/operations/types.ts';
import type { CheckoutVerification, Verification } from '../../domain/store/store.ts';
import type { Kube } from '../adapters/kube.ts';
import { attemptSignal, withHeartbeat } from '../runtime/activity-context.ts';
import { oneLine, redact } from '../runtime/redaction.ts';
import { VerificationFailure } from './verification-failure.ts';
import type { CheckoutClient, VerificationReport } from './checkout-client.ts';
import { createCheckoutClient } from './checkout-clients.ts';
import { readSecretEntries } from '../namespace/secrets.ts';
import type { VerifyCheckoutInput, VerifyStoreInput } from '../../domain/ports/cluster.ts';

export interface VerificationDependencies {
  readonly kube: Kube;
  readonly now: () => number;
  /** Where customers reach a store: scheme, host and port. */
  readonly addressOf: (store: StoreTarget) => string;
}

/** Whether a store sells, asked at its front door as a customer does. */
export function createVerificationActivities(deps: VerificationDependencies) {
  const { kube, now, addressOf } = deps;

  /**
   * Places an order and takes it back. Safe to repeat: an order that an earlier attempt of the same run has left counts, and
   * is taken back. No password leaves this function: the Secret is read here, and failures are redacted with its values.
   */
  async function verifyStore({ nodes, store, run }: VerifyStoreInput): Promise<Verification> {
    if (nodes === 'simulated') {
      const reason = 'the nodes of this cluster are simulated: nothing is served that could be bought';
      return { outcome: 'skipped', reason, at: new Date(now()).toISOString() };
    }
    const verificationId = run.round === undefined ? run.runId : `${run.runId}-${run.round}`;
    const visit = await inStore(store, (checkout, progress) => checkout.placeOrder({ verificationId, ...progress }));
    if (visit.kind === 'refused') throw visit.error;
    const { order, steps } = visit.report;
    if (order === null) throw new Error('a checkout ended without an order');
    const at = new Date(now()).toISOString();
    return { outcome: 'passed', at, order: { number: order.number, total: order.total }, steps };
  }

  /** Goes up to the order and not further: nothing the merchant sees changes. Safe to repeat. */
  async function verifyCheckout({ store }: VerifyCheckoutInput): Promise<CheckoutVerification> {
    const visit = await inStore(store, (checkout, progress) => checkout.verifyCheckout(progress));
    if (visit.kind === 'refused') return { outcome: 'failed', step: visit.step, message: visit.error.publicMessage };
    return { outcome: 'passed', steps: visit.report.steps };
  }

  async function inStore(
    store: StoreTarget,
    work: (checkout: CheckoutClient, progress: Progress) => Promise<VerificationReport>,
  ): Promise<Attempt> {
    let current = 'read-secret';
    return withHeartbeat(
      async () => {
        const secret = await readSecretEntries(kube, store);
        const signal = attemptSignal();
        const progress = {
          onStep: (step: string) => void (current = step),
          ...(signal === undefined ? {} : { signal }),
        };
        try {
          return {
            kind: 'bought',
            report: await work(createCheckoutClient(store, { baseUrl: addressOf(store), secret }), progress),
          };
        } catch (error) {
          if (!(error instanceof VerificationFailure)) throw error;
          return { kind: 'refused', step: error.step, error: verificationFailed(error, Object.values(secret)) };
        }
      },
      () => current,
    );
  }

  return { verifyStore, verifyCheckout };
}

type Attempt =
  | { readonly kind: 'bought'; readonly report: VerificationReport }
  | { readonly kind: 'refused'; readonly step: string; readonly error: StoreError };

interface Progress {
  readonly onStep: (step: string) => void;
  readonly signal?: AbortSignal;
}

/** Names the step and what the store said, without what the store should not have said. */
function verificationFailed(failure: VerificationFailure, secretValues: readonly string[]): StoreError {
  const clean = (text: string) => oneLine(redact(text, secretValues));
  const went = failure.completed.map(({ step, durationMs }) => `${step}: ${durationMs} ms`);
  const answer = failure.answer === null ? [] : [`answered ${failure.answer.status}: ${failure.answer.body}`];
  return new StoreError('VERIFICATION_FAILED', clean(`${failure.step}: ${failure.message}`), {
    // Not the failure as its cause: Temporal would keep that one's message, which nobody has cleaned.
    evidence: { object: `verification order, step ${failure.step}`, logLines: [...went, ...answer].map(clean) },
  });
}
