import { CancellationScope } from '@temporalio/workflow';
import type { NodeKind, Verification } from '../../domain/store/store.ts';
import { earlyVerification, readiness } from './activities.ts';
import type { AwaitReadyInput } from '../../domain/operations/inputs.ts';
import type { ReadinessSummary } from '../../domain/operations/outcomes.ts';

interface ReadyStore {
  readonly ready: ReadinessSummary;
  /** The verification that already runs. Null when it has not started. */
  readonly verification: Promise<Verification> | null;
}

/**
 * Waits until all workloads of a release are ready. The verification starts as soon as the storefront serves customers,
 * while optional workloads (Medusa's worker) still start. When one of those fails, the verification is cancelled first.
 *
 * @throws the error of `awaitReady`.
 */
export async function waitUntilReady(input: AwaitReadyInput, nodes: NodeKind): Promise<ReadyStore> {
  if (nodes === 'simulated') return { ready: await readiness.awaitReady(input), verification: null };
  const sinceMs = Date.now();
  const checkoutReady = await readiness.awaitReady({ ...input, goal: 'checkout' });
  if (checkoutReady.unfinished === undefined) return { ready: checkoutReady, verification: null };

  const scope = new CancellationScope();
  const verification = scope.run(() => earlyVerification.verifyStore({ ...input, nodes }));
  const ended = verification.catch(() => undefined); // the step `verify` reports its failure
  try {
    return { ready: await readiness.awaitReady({ ...input, sinceMs }), verification };
  } catch (error) {
    scope.cancel();
    await ended;
    throw error;
  }
}
