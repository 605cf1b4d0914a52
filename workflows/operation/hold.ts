import { condition, isCancellation, log, setHandler } from '@temporalio/workflow';
import type { Engine } from '../../domain/engines/index.ts';
import { parseOverrides } from '../../domain/store/overrides.ts';
import { abortSignal, continueSignal, skipVerificationSignal } from './messages.ts';
import type { Step } from '../../domain/operations/catalogue.ts';
import type { HoldDecision } from '../../domain/operations/inputs.ts';

/** The decisions that continue the operation. */
export type ContinueDecision = Extract<HoldDecision, { kind: 'continue' | 'skip-verification' }>;

/** Receives the operator's decision about a hold. It ignores a signal that arrives while no step is held, or that is invalid. */
export class Hold {
  readonly #engine: Engine;
  #heldAt: Step | null = null;
  #decision: HoldDecision | null = null;

  constructor(engine: Engine) {
    this.#engine = engine;
    setHandler(continueSignal, (message) => this.#continue(message));
    setHandler(skipVerificationSignal, () => this.#decide({ kind: 'skip-verification' }));
    setHandler(abortSignal, () => this.#decide({ kind: 'abort' }));
  }

  /**
   * Waits for a decision, a cancel, or the end of the hold, and returns which of them came first. `announce` records the
   * hold and returns its length in seconds. Decisions count from the call of `announce`, because a client can react to the
   * record at once.
   */
  async decisionAt(step: Step | null, announce: () => Promise<number>): Promise<HoldDecision> {
    this.#heldAt = step;
    this.#decision = null;
    try {
      const holdSeconds = await announce();
      await condition(() => this.#decision !== null, holdSeconds * 1_000);
      return this.#decision ?? { kind: 'expired' };
    } catch (error) {
      if (!isCancellation(error)) throw error;
      return { kind: 'cancel' };
    } finally {
      this.#heldAt = null;
    }
  }

  #continue(message: unknown): void {
    const overrides =
      typeof message === 'object' && message !== null && 'overrides' in message ? message.overrides : undefined;
    if (overrides === undefined) return this.#decide({ kind: 'continue', change: null });
    // The API validates its signals. A signal from the Web UI can have any content.
    const parsed = parseOverrides(this.#engine, overrides);
    if (parsed.kind === 'valid') return this.#decide({ kind: 'continue', change: parsed.change });
    log.warn('the signal `continue` was ignored: its overrides are not valid', { problems: parsed.problems });
  }

  #decide(decision: HoldDecision): void {
    const isExpected = decision.kind === 'skip-verification' ? this.#heldAt === 'verify' : this.#heldAt !== null;
    if (isExpected && this.#decision === null) this.#decision = decision;
    else log.warn('a signal was ignored: no hold waits for this decision', { decision: decision.kind });
  }
}
