import { SaleFailure } from './verification-failure.ts';
import type { SaleStep } from './checkout-client.ts';

/** Runs the steps of one attempt in their order, measures them, and gives every failure the steps that went well. */
export interface SaleSteps {
  run<T>(step: string, work: (step: string) => Promise<T>): Promise<T>;
  completed(): readonly SaleStep[];
}

export function createSaleSteps(options: {
  readonly signal: AbortSignal | undefined;
  readonly onStep: ((step: string) => void) | undefined;
}): SaleSteps {
  const completed: SaleStep[] = [];

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
      if (!(error instanceof SaleFailure)) throw error;
      const { reason, answer, cause, message } = error;
      throw new SaleFailure(message, { step, reason, cause, completed: [...completed], ...(answer ? { answer } : {}) });
    }
  }

  return { run, completed: () => [...completed] };
}
