import { readFile, writeFile } from 'node:fs/promises';

/**
 * Puts measured text into a page, between `<!-- NAME:begin -->` and `<!-- NAME:end -->`, in place of what was there.
 *
 * @throws Error when the page has no such place.
 */
export async function writeMarkedSection(page: string, name: string, text: string): Promise<void> {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [before, rest] = (await readFile(page, 'utf8')).split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${page} has no place marked ${begin}`);
  await writeFile(page, `${before}${begin}\n\n${text}\n\n${end}${after}`);
}
