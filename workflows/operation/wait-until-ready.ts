import { CancellationScope } from '@temporalio/workflow';
import type { NodeKind, Verification } from '../../domain/store/store.ts';
import { earlyVerification, readiness } from './activities.ts';
import type { AwaitReadyInput } from '../../domain/operations/inputs.ts';
import type { ReadinessSummary } from '../../domain/operations/outcomes.ts';

interface ReadyStore {
  readonly ready: ReadinessSummary;
  /** The verification that is under way already; null: it has not begun. */
  readonly verification: Promise<Verification> | null;
}

/**
 * Waits until all of a release is up. Its verification begins as soon as customers are served, while what none of them waits for
 * (Medusa's worker) still starts; when that fails, the verification is given up first.
 */
export async function waitUntilReady(input: AwaitReadyInput, nodes: NodeKind): Promise<ReadyStore> {
  if (nodes === 'simulated') return { ready: await readiness.awaitReady(input), verification: null };
  const sinceMs = Date.now();
  const sellable = await readiness.awaitReady({ ...input, goal: 'checkout' });
  if (sellable.unfinished === undefined) return { ready: sellable, verification: null };

  const scope = new CancellationScope();
  const verification = scope.run(() => earlyVerification.verifyStore({ ...input, nodes }));
  const ended = verification.catch(() => undefined); // the step that tells of the verification sees why it failed
  try {
    return { ready: await readiness.awaitReady({ ...input, sinceMs }), verification };
  } catch (error) {
    scope.cancel();
    await ended;
    throw error;
  }
}
