import type { OperationDetail, StoreEvent } from '../../client/index.ts';
import type { Output } from './output.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;

type ExpectedProgress = Pick<OperationDetail, 'queue' | 'waitsFor' | 'retry' | 'expected'>;

/** Shows the steps of an operation: one line per step that ended, and on a terminal a line for the step that runs. */
export class Progress {
  readonly #output: Output;
  readonly #now: () => number;
  #step: { readonly name: string; readonly since: number } | undefined;
  #expectedSeconds: ReadonlyMap<string, number> = new Map();
  #frame = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(output: Output, now: () => number = Date.now) {
    this.#output = output;
    this.#now = now;
  }

  start(): void {
    if (this.#output.isInteractive) this.#timer = setInterval(() => this.#draw(), FRAME_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    if (this.#output.isInteractive) this.#output.replaceLine('');
  }

  /** Shows what the operation waits for, and remembers how long its steps take usually. */
  expect({ queue, waitsFor, retry, expected }: ExpectedProgress): void {
    this.#expectedSeconds = new Map(expected?.steps.map(({ step, p50Seconds }) => [step, p50Seconds]) ?? []);
    if (retry !== null) this.#sayFaintly(`attempt ${retry.attempt} of the step; the last one failed: ${retry.message}`);
    if (waitsFor === null) return;
    const place = queue === null ? '' : `, place ${queue.position} of ${queue.length}`;
    this.#sayFaintly(`${waitsFor.message}${place}`);
  }

  #sayFaintly(text: string): void {
    this.#output.say(this.#output.style('dim', `  ${text}`));
  }

  /** Shows an event of the operation. */
  show(event: StoreEvent): void {
    if (event.type === 'step.started' && event.step !== null) {
      this.#step = { name: event.step, since: this.#now() };
      return;
    }
    const line = this.#lineOf(event);
    if (line === undefined) return;
    if (event.type.startsWith('step.')) this.#step = undefined;
    if (this.#output.isInteractive) this.#output.replaceLine('');
    this.#output.say(line);
  }

  #lineOf({ type, step, message, data }: StoreEvent): string | undefined {
    const output = this.#output;
    if (type === 'step.completed')
      return `${output.style('green', '✔')} ${step} ${output.style('dim', seconds(data['durationMs']))}`;
    if (type === 'step.failed') return `${output.style('red', '✘')} ${step}: ${message}`;
    // The end of the operation is reported with its result.
    return /^(store\.(ready|failed|cancelled|deleted)|step\.)/.test(type)
      ? undefined
      : output.style('dim', `  ${message}`);
  }

  #draw(): void {
    if (this.#step === undefined) return;
    this.#frame = (this.#frame + 1) % FRAMES.length;
    const elapsed = seconds(this.#now() - this.#step.since);
    const usual = this.#expectedSeconds.get(this.#step.name);
    const text = usual === undefined ? elapsed : `${elapsed} (usually ${usual.toFixed(0)} s)`;
    this.#output.replaceLine(`${FRAMES[this.#frame]} ${this.#step.name} ${this.#output.style('dim', text)}`);
  }
}

function seconds(ms: unknown): string {
  return typeof ms === 'number' ? `${(ms / 1_000).toFixed(1)} s` : '';
}
