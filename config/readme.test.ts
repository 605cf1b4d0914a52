import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { describeSettings, loadConfig } from './index.ts';

test('the README lists every setting with its default', async () => {
  const defaults: Readonly<Record<string, unknown>> = { ...loadConfig({}) };
  const rows = describeSettings().map(({ name, description }) => {
    const value = defaults[name];
    const shown = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
    return `| \`${name}\` | ${shown === '' ? '' : `\`${shown}\``} | ${description} |`;
  });
  const table = ['| variable | default | |', '|---|---|---|', ...rows].join('\n');
  const readme = await readFile('README.md', 'utf8');
  const told = /<!-- settings:begin -->\n\n([\s\S]*)\n\n<!-- settings:end -->/.exec(readme)?.[1];
  expect(told).toBe(table);
});
