import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { generatedFiles } from './generated-files.ts';
import { DASHBOARDS } from './panels/index.ts';

test.each(generatedFiles())('$path is up to date: "npm run observability" writes it', ({ path, text }) => {
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('the folder of dashboards has no other file', () => {
  const names = DASHBOARDS.map(({ name }) => `${name}.json`);
  expect(readdirSync('helm/platform/files/dashboards').toSorted()).toEqual(names.toSorted());
});
