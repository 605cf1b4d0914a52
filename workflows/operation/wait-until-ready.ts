import { CancellationScope } from '@temporalio/workflow';
import type { AwaitReadyInput, ReadinessResult } from '../../domain/operations/types.ts';
import type { NodeKind, Verification } from '../../domain/store/store.ts';
import { earlyVerification, readiness } from './activities.ts';

interface CameUp {
  readonly ready: ReadinessResult;
  /** The proof that is under way already; null: it has not begun. */
  readonly proof: Promise<Verification> | null;
}

/**
 * Waits until all of a release is up. Its proof begins as soon as customers are served, while what none of them waits for
 * (Medusa's worker) still starts; when that fails, the proof is given up first.
 */
export async function comeUp(input: AwaitReadyInput, nodes: NodeKind): Promise<CameUp> {
  if (nodes === 'simulated') return { ready: await readiness.awaitReady(input), proof: null };
  const sinceMs = Date.now();
  const sellable = await readiness.awaitReady({ ...input, goal: 'sellable' });
  if (sellable.unfinished === undefined) return { ready: sellable, proof: null };

  const scope = new CancellationScope();
  const proof = scope.run(() => earlyVerification.verifyStore({ ...input, nodes }));
  const ended = proof.catch(() => undefined); // the step that tells of the proof sees why it failed
  try {
    return { ready: await readiness.awaitReady({ ...input, sinceMs }), proof };
  } catch (error) {
    scope.cancel();
    await ended;
    throw error;
  }
}
