import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { describeSettings, loadConfig } from './index.ts';

const PAGE = 'docs/configuration.md';

test('docs/configuration.md lists every setting with its default', async () => {
  const defaults: Readonly<Record<string, unknown>> = { ...loadConfig({}) };
  const rows = describeSettings().map(({ name, description }) => {
    const value = defaults[name];
    const shown = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
    return `| \`${name}\` | ${shown === '' ? '' : `\`${shown}\``} | ${description} |`;
  });
  const table = ['| setting | default | meaning |', '|---|---|---|', ...rows].join('\n');
  expect(await sectionOf('settings')).toBe(table);
});

test('each deprecated name in docs/configuration.md still sets its replacement', async () => {
  const rows = [...(await sectionOf('deprecated')).matchAll(/^\| `(\w+)` \| `(\w+)` \|$/gm)];
  expect(rows).not.toEqual([]);
  for (const [, deprecated = '', present = ''] of rows) {
    const config = loadConfig({ [deprecated]: '7' });
    expect({ ...config }).toMatchObject({ [present]: 7 });
    expect(config.deprecations).toEqual([`The setting ${deprecated} is deprecated. Use ${present} instead.`]);
  }
});

/** Returns the text between the two comments of this name in the page. */
async function sectionOf(name: string): Promise<string> {
  const page = await readFile(PAGE, 'utf8');
  return new RegExp(`<!-- ${name}:begin -->\n\n([\\s\\S]*)\n\n<!-- ${name}:end -->`).exec(page)?.[1] ?? '';
}
