import { expect, jest, test } from '@jest/globals';
import { isCompletion } from './completion.ts';
import { runProgram } from './program.ts';

/** Runs the command line and returns what it prints to the console, as shells read it. */
async function printed(args: readonly string[]): Promise<string> {
  const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  try {
    await runProgram(args, {
      env: {},
      out: { write: () => undefined },
      err: { write: () => undefined },
      signal: new AbortController().signal,
      ask: undefined,
      openUrl: async () => undefined,
    });
    return log.mock.calls.map((call) => call.join(' ')).join('\n');
  } finally {
    log.mockRestore();
  }
}

test.each(['bash', 'zsh', 'fish'])('prints the script of %s', async (shell) => {
  expect(await printed(['completion', shell])).toContain('store-platform');
});

test('completes the names of commands', async () => {
  expect(await printed(['complete', '--', 'tokens', ''])).toMatch(/create[\s\S]*delete/);
});

test('is loaded for completion only', () => {
  expect([['completion', 'bash'], ['complete', '--'], ['stores', 'list'], []].map(isCompletion)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
