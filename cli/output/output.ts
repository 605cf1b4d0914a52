import Table from 'cli-table3';

/** A stream such as `process.stdout`. */
export interface Sink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  hasColors?(): boolean;
}

type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow';

const CODES: Readonly<Record<Style, string>> = { bold: '1', dim: '2', green: '32', red: '31', yellow: '33' };

/**
 * Data goes to standard output: one JSON object per line with `--json`, otherwise a table or fields. Everything else goes
 * to standard error, so that a pipe contains data only.
 */
export class Output {
  readonly isJson: boolean;
  readonly #out: Sink;
  readonly #err: Sink;

  constructor({ out, err, isJson }: { readonly out: Sink; readonly err: Sink; readonly isJson: boolean }) {
    this.#out = out;
    this.#err = err;
    this.isJson = isJson;
  }

  /** Whether standard error is a terminal, on which a line can be replaced. */
  get isInteractive(): boolean {
    return this.#err.isTTY === true;
  }

  /** Writes one object per line. */
  json(values: readonly unknown[]): void {
    for (const value of values) this.#out.write(`${JSON.stringify(value)}\n`);
  }

  /** Writes rows under a header. */
  table(header: readonly string[], rows: readonly (readonly string[])[]): void {
    const table = new Table({
      head: [...header],
      style: { head: [], border: [], 'padding-left': 0, compact: true },
      chars: BORDERLESS,
    });
    table.push(...rows.map((row) => [...row]));
    this.#out.write(`${trimLines(table.toString())}\n`);
  }

  /** Writes names with their values. */
  fields(fields: readonly (readonly [name: string, value: string])[]): void {
    const width = Math.max(...fields.map(([name]) => name.length));
    for (const [name, value] of fields) this.#out.write(`${name.padEnd(width)}  ${value}\n`);
  }

  /** Writes one line of data. */
  line(text: string): void {
    this.#out.write(`${text}\n`);
  }

  /** Tells a person something. */
  say(text: string): void {
    this.#err.write(`${text}\n`);
  }

  /** Replaces the last line of the terminal. */
  replaceLine(text: string): void {
    this.#err.write(`\r\u001B[2K${text}`);
  }

  /** Returns the text in a style, or unchanged if standard error shows no colours (`NO_COLOR`). */
  style(style: Style, text: string): string {
    return this.#err.hasColors?.() === true ? `\u001B[${CODES[style]}m${text}\u001B[0m` : text;
  }
}

const BORDERS =
  'top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid middle';
const BORDERLESS = Object.fromEntries(BORDERS.split(' ').map((name) => [name, '']));

function trimLines(text: string): string {
  return text.replaceAll(/[ \t]+$/gm, '');
}
