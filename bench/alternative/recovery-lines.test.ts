import { expect, test } from '@jest/globals';
import { codeLines, recoveryLines } from './recovery-lines.ts';

test('comments and blank lines are not code, SQL and code before a comment are', () => {
  const source = ['/** Doc. */', '/*', ' * more', ' */', '', '// why', 'const a = 1; // why', '`select 1', 'from b`;'];
  expect(codeLines(source.join('\n'))).toBe(3);
});

test('every file that is counted is there and holds code', async () => {
  for (const { ours, theirs } of await recoveryLines()) expect(ours + theirs).toBeGreaterThan(0);
});
