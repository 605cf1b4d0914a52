import { readFile, writeFile } from 'node:fs/promises';

/**
 * Replaces the text of a page between `<!-- NAME:begin -->` and `<!-- NAME:end -->`.
 *
 * @throws Error if the page does not have both markers.
 */
export async function writeMarkedSection(page: string, name: string, text: string): Promise<void> {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [before, rest] = (await readFile(page, 'utf8')).split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error(`${page} does not have the markers ${begin} and ${end}`);
  await writeFile(page, `${before}${begin}\n\n${text}\n\n${end}${after}`);
}
