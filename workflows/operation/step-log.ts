import { setCurrentDetails } from '@temporalio/workflow';
import type { Step } from '../../domain/operations/catalogue.ts';
import type { OperationFailure, StepRecord } from '../../domain/operations/outcomes.ts';

type StepState = 'waiting' | 'running' | 'done' | 'skipped' | 'held' | 'failed';

interface Row {
  readonly step: Step;
  state: StepState;
  startedAt: number;
  durationMs: number;
  note: string;
}

/** Writes what happened to the store's record. */
export interface ProgressRecorder {
  (progress: { completed: StepRecord | null; started: Step | null; failed: OperationFailure | null }): Promise<void>;
}

/**
 * Runs the steps of an operation and tells of them in two places: the store's record (through `record`) and the run's
 * current details in the Web UI. One record write sits between two steps: it closes the one and opens the next.
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

  /** The step that runs, or ran last. */
  get current(): Step | null {
    return this.#current;
  }

  /** The step that ended last and is not in the record yet: the write that ends the operation closes it. */
  lastCompleted(): StepRecord {
    if (this.#completed === null) throw new Error('no step is waiting to be recorded');
    return this.#completed;
  }

  async run<T extends object>(
    step: Step,
    act: () => Promise<T>,
    describe: (result: T) => object = (r) => r,
  ): Promise<T> {
    await this.#record({ completed: this.#takeCompleted(), started: step, failed: null });
    const row = this.#rowOf(step);
    this.#current = step;
    // A resumed operation may go back: what comes later is done again.
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

  /** Shows that the current step waits for an operator, and what there is to be done about it. */
  hold(failure: OperationFailure, until: Date): void {
    if (this.#current === null) return;
    const row = this.#rowOf(this.#current);
    row.state = 'held';
    row.note = `${failure.code}: ${failure.message}`;
    this.#show(holdHelp(this.#current, until));
  }

  /** Counts the current step as completed although it was not. */
  skip(data: object): void {
    if (this.#current === null) throw new Error('there is no step to skip');
    const row = this.#rowOf(this.#current);
    row.state = 'skipped';
    row.durationMs = Date.now() - row.startedAt;
    this.#completed = { step: row.step, durationMs: row.durationMs, data: { ...data } };
    this.#show();
  }

  /** Records why the operation fails, before anything is undone. */
  async fail(failure: OperationFailure): Promise<void> {
    if (this.#current !== null) {
      const row = this.#rowOf(this.#current);
      row.state = 'failed';
      row.note = `${failure.code}: ${failure.message}`;
      this.#show();
    }
    await this.#record({ completed: this.#takeCompleted(), started: null, failed: failure });
  }

  /** A line below the table: what the run does beside its steps. */
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
    if (row === undefined) throw new Error(`${step} is not a step of this operation`);
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
    `**Held at ${step}** until ${until.toISOString()}; without a decision it then aborts by itself. Send this run a signal:`,
    '',
    '- `resume`: does the step again; with `{"overrides": {"image": {"tag": "1.2.3"}}}` as input it changes the overrides first',
    ...(step === 'verify' ? ['- `skipVerification`: counts the store as ready without proof that it sells'] : []),
    '- `abort`: undoes the steps and ends as failed',
    '',
    'or cancel the run: it undoes the steps and ends as cancelled.',
  ].join('\n');
}
