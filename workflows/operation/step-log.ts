import { setCurrentDetails } from '@temporalio/workflow';
import type { Step } from '../../domain/operations/catalogue.ts';
import type { OperationFailure, StepRecord } from '../../domain/operations/outcomes.ts';
import { SIGNALS } from '../../domain/store/actions.ts';

type StepState = 'waiting' | 'running' | 'done' | 'skipped' | 'held' | 'failed';

interface Row {
  readonly step: Step;
  state: StepState;
  startedAt: number;
  durationMs: number;
  note: string;
}

/** Writes the progress of the operation to the store's record. */
export interface ProgressRecorder {
  (progress: { completed: StepRecord | null; started: Step | null; failed: OperationFailure | null }): Promise<void>;
}

/**
 * Runs the steps of an operation and reports them in two places: the store's record (through `record`) and the current
 * details of the run in the Web UI. One record write between two steps ends the first and starts the second.
 */
export class StepLog {
  readonly #rows: readonly Row[];
  readonly #record: ProgressRecorder;
  #completed: StepRecord | null = null;
  #current: Step | null = null;

  constructor(steps: readonly Step[], record: ProgressRecorder) {
    this.#rows = steps.map((step) => ({ step, state: 'waiting', startedAt: 0, durationMs: 0, note: '' }));
    this.#record = record;
    this.#show();
  }

  /** The current step, or the last one when no step runs. Null before the first step. */
  get current(): Step | null {
    return this.#current;
  }

  /**
   * Returns the completed step that is not in the record yet. The write that ends the operation records it.
   *
   * @throws Error when every completed step is in the record.
   */
  lastCompleted(): StepRecord {
    if (this.#completed === null) throw new Error('there is no completed step to record');
    return this.#completed;
  }

  /** Records the start of a step and runs it. `describe` returns the facts of the result that the event shows. */
  async run<T extends object>(
    step: Step,
    act: () => Promise<T>,
    describe: (result: T) => object = (r) => r,
  ): Promise<T> {
    await this.#record({ completed: this.#takeCompleted(), started: step, failed: null });
    const row = this.#rowOf(step);
    this.#current = step;
    // A continued operation can go back to an earlier step, and then repeats the later ones.
    for (const later of this.#rows.slice(this.#rows.indexOf(row))) Object.assign(later, { state: 'waiting', note: '' });
    row.state = 'running';
    row.startedAt = Date.now();
    this.#show();
    const result = await act();
    row.durationMs = Date.now() - row.startedAt;
    row.state = 'done';
    this.#completed = { step, durationMs: row.durationMs, data: { ...describe(result) } };
    this.#show();
    return result;
  }

  /** Shows in the Web UI that the current step is held, with the signals that an operator can send. */
  hold(failure: OperationFailure, until: Date): void {
    if (this.#current === null) return;
    const row = this.#rowOf(this.#current);
    row.state = 'held';
    row.note = `${failure.code}: ${failure.message}`;
    this.#show(holdHelp(this.#current, until));
  }

  /** Marks the current step as skipped. The record shows it as completed, with `data`. */
  skip(data: object): void {
    if (this.#current === null) throw new Error('there is no step to skip');
    const row = this.#rowOf(this.#current);
    row.state = 'skipped';
    row.durationMs = Date.now() - row.startedAt;
    this.#completed = { step: row.step, durationMs: row.durationMs, data: { ...data } };
    this.#show();
  }

  /** Records the failure of the operation. Call it before the undo, so that clients see the cause at once. */
  async fail(failure: OperationFailure): Promise<void> {
    if (this.#current !== null) {
      const row = this.#rowOf(this.#current);
      row.state = 'failed';
      row.note = `${failure.code}: ${failure.message}`;
      this.#show();
    }
    await this.#record({ completed: this.#takeCompleted(), started: null, failed: failure });
  }

  /** Shows a line of text below the table of steps. */
  note(text: string): void {
    this.#show(text);
  }

  #takeCompleted(): StepRecord | null {
    const completed = this.#completed;
    this.#completed = null;
    return completed;
  }

  #rowOf(step: Step): Row {
    const row = this.#rows.find((candidate) => candidate.step === step);
    if (row === undefined) throw new Error(`the step ${step} does not belong to this operation`);
    return row;
  }

  #show(text = ''): void {
    const rows = this.#rows.map(
      ({ step, state, durationMs, note }) =>
        `| ${step} | ${state} | ${state === 'done' ? `${(durationMs / 1000).toFixed(1)} s` : ''} | ${note} |`,
    );
    setCurrentDetails(['| step | state | took | |', '|---|---|---|---|', ...rows, '', text].join('\n'));
  }
}

function holdHelp(step: Step, until: Date): string {
  return [
    `**Held at ${step}** until ${until.toISOString()}. Then the provision is aborted. To decide earlier, send this run a signal:`,
    '',
    `- \`${SIGNALS.continue}\`: retries the step. The input \`{"overrides": {"image": {"tag": "1.2.3"}}}\` changes the overrides first.`,
    ...(step === 'verify'
      ? [`- \`${SIGNALS['skip-verification']}\`: marks the store as ready without a verification order.`]
      : []),
    `- \`${SIGNALS.abort}\`: undoes the steps and ends the run as failed.`,
    '',
    'A cancel of the run undoes the steps and ends the run as cancelled.',
  ].join('\n');
}
