import { VerificationFailure } from './verification-failure.ts';
import type { VerificationStep } from './checkout-client.ts';

/** Runs the steps of one attempt, measures their duration and adds the steps that succeeded to every failure. */
export interface VerificationSteps {
  run<T>(step: string, work: (step: string) => Promise<T>): Promise<T>;
  completed(): readonly VerificationStep[];
}

export function createVerificationSteps(options: {
  readonly signal: AbortSignal | undefined;
  readonly onStep: ((step: string) => void) | undefined;
}): VerificationSteps {
  const completed: VerificationStep[] = [];

  async function run<T>(step: string, work: (step: string) => Promise<T>): Promise<T> {
    options.signal?.throwIfAborted();
    options.onStep?.(step);
    const startedMs = performance.now();
    try {
      const result = await work(step);
      completed.push({ step, durationMs: Math.round(performance.now() - startedMs) });
      return result;
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof VerificationFailure)) throw error;
      const { reason, answer, cause, message } = error;
      throw new VerificationFailure(message, {
        step,
        reason,
        cause,
        completed: [...completed],
        ...(answer ? { answer } : {}),
      });
    }
  }

  return { run, completed: () => [...completed] };
}
