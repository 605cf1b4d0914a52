import { UsageError } from '../exit-codes.ts';
import type { CommandContext } from '../context.ts';
import type { Output } from '../output/output.ts';

/** Columns of a table, each with its header. */
export type Columns<Row> = Readonly<Record<string, (row: Row) => string | null>>;

/** Shows rows: as one JSON object per line with `--json`, otherwise as a table. */
export async function showRows<Row>(
  output: Output,
  rows: AsyncIterable<Row> | Iterable<Row>,
  columns: Columns<Row>,
): Promise<void> {
  const cells: string[][] = [];
  for await (const row of rows) {
    if (output.isJson) output.json([row]);
    else cells.push(Object.values(columns).map((cell) => cell(row) ?? ''));
  }
  if (output.isJson) return;
  if (cells.length === 0) output.say('The list is empty.');
  else output.table(Object.keys(columns), cells);
}

/** Shows one row: as JSON with `--json`, otherwise as fields. */
export function showRow<Row>(output: Output, row: Row, fields: Columns<Row>): void {
  if (output.isJson) return output.json([row]);
  const shown = Object.entries(fields).map(([name, value]) => [name, value(row)] as const);
  output.fields(shown.filter((field): field is readonly [string, string] => field[1] !== null));
}

/** Returns the data of a response. @throws Error if it has none. */
export function dataOf<Data>({ data }: { readonly data?: Data }): NonNullable<Data> {
  if (data === undefined || data === null) throw new Error('The API sent no data.');
  return data;
}

/** Asks a person to type a name before something is lost. @throws UsageError without a terminal, or for another name */
export async function confirmByName(
  { ask }: CommandContext,
  { what, name }: { readonly what: string; readonly name: string },
): Promise<void> {
  if (ask === undefined) throw new UsageError(`Confirm with --yes: there is no terminal to ask on.`);
  const answer = await ask(`Type ${name} to ${what}: `);
  if (answer.trim() !== name) throw new UsageError('The name is different. Nothing was changed.');
}
