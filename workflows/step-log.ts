import { setCurrentDetails } from '@temporalio/workflow';
import type { OperationFailure, StepRecord } from '../domain/operations.ts';
import type { Step } from '../domain/store-state.ts';

type StepState = 'waiting' | 'running' | 'done' | 'failed';

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
