import { condition, isCancellation, log, setHandler } from '@temporalio/workflow';
import type { Engine } from '../../domain/engines/index.ts';
import { parseOverrides } from '../../domain/store/overrides.ts';
import { abortSignal, continueSignal, skipVerificationSignal } from './messages.ts';
import type { Step } from '../../domain/operations/catalogue.ts';
import type { HoldDecision } from '../../domain/operations/inputs.ts';

/** How a hold goes on with the operation. */
export type ContinueDecision = Extract<HoldDecision, { kind: 'continue' | 'skip-verification' }>;

/** Takes decisions about one hold at a time; what is sent at another time, or makes no sense, changes nothing. */
export class Hold {
  readonly #engine: Engine;
  #heldAt: Step | null = null;
  #decision: HoldDecision | null = null;

  constructor(engine: Engine) {
    this.#engine = engine;
    setHandler(continueSignal, (message) => this.#resume(message));
    setHandler(skipVerificationSignal, () => this.#decide({ kind: 'skip-verification' }));
    setHandler(abortSignal, () => this.#decide({ kind: 'abort' }));
  }

  /**
   * Waits for a decision, a cancel, or the end of the time. `announce` makes the hold known and says how many seconds it
   * may last; whoever hears of it can decide at once, so decisions are taken from before.
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

  #resume(message: unknown): void {
    const overrides =
      typeof message === 'object' && message !== null && 'overrides' in message ? message.overrides : undefined;
    if (overrides === undefined) return this.#decide({ kind: 'continue', change: null });
    // The API has checked what it sends; the Web UI sends anything.
    const reading = parseOverrides(this.#engine, overrides);
    if (reading.kind === 'valid') return this.#decide({ kind: 'continue', change: reading.overrides });
    log.warn('a resume was ignored: its overrides is not one that may be set', { problems: reading.problems });
  }

  #decide(decision: HoldDecision): void {
    const fits = decision.kind === 'skip-verification' ? this.#heldAt === 'verify' : this.#heldAt !== null;
    if (fits && this.#decision === null) this.#decision = decision;
    else log.warn('a message was ignored: it does not fit what the run is doing', { message: decision.kind });
  }
}
