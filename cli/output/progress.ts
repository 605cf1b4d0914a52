import type { StoreEvent } from '../../client/index.ts';
import type { Output } from './output.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;

/** Shows the steps of an operation: one line per step that ended, and on a terminal a line for the step that runs. */
export class Progress {
  readonly #output: Output;
  readonly #now: () => number;
  #step: { readonly name: string; readonly since: number } | undefined;
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

  /** Shows an event of the store. */
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
    this.#output.replaceLine(`${FRAMES[this.#frame]} ${this.#step.name} ${this.#output.style('dim', elapsed)}`);
  }
}

function seconds(ms: unknown): string {
  return typeof ms === 'number' ? `${(ms / 1_000).toFixed(1)} s` : '';
}
