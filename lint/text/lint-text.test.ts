// lint-text-ignore-file: the sentences below are examples of what the check must find.
import { describe, expect, test } from '@jest/globals';
import { lintText } from './lint-text.ts';
import { PHRASES } from './phrases.ts';

const found = (path: string, source: string): string[] => lintText(path, source).map((finding) => finding.found);

describe('phrases', () => {
  test.each(PHRASES.map(({ example, pattern, hint }) => [example, pattern, hint] as const))(
    'finds "%s"',
    (example, _pattern, hint) => {
      expect(lintText('docs/page.md', `${example}\n`).map((finding) => finding.hint)).toContain(hint);
    },
  );

  test.each([
    'The workflow run continues until the pod is ready.',
    'The kubelet reports that the readiness probe failed.',
    'Probes run every few seconds and do not change total sales.',
    'The sales channel belongs to the store, and the product is sold out.',
    'Two contenders run in turn and take turns.',
    'The worker sends a heartbeat every five seconds.',
    'The crash sweep terminates the worker before each write.',
    'The status remains `held`.',
    'Temporal resumes the workflow on another worker.',
    'A store moves to the status `ready`.',
    'The anewly and untold words are not matched.',
  ])('accepts "%s"', (sentence) => {
    expect(found('docs/page.md', `${sentence}\n`)).toEqual([]);
  });
});

describe('a relative clause as a subject', () => {
  test.each(['What is queued waits for a slot.', 'The queue is fair. Who has a cart may fill it.'])(
    'is found in a paragraph: "%s"',
    (sentence) => {
      expect(found('docs/page.md', `${sentence}\n`)).toHaveLength(1);
    },
  );

  test('is found in a docstring and in a string without a full stop', () => {
    expect(found('a.ts', "/** What a chart needs. */\nconst summary = 'What happened to a store';\n")).toEqual([
      'What a chart needs',
      'What happened to a store',
    ]);
  });

  test('is accepted in a question and in a heading', () => {
    expect(found('docs/page.md', '# What it does\n\nWhat happens when the worker stops? The run continues.\n')).toEqual(
      [],
    );
  });
});

describe('a sentence without a verb', () => {
  test.each(['A store for everyone.', 'Only under the fence.', 'The worker of the store, and its queue.'])(
    'is found in a paragraph: "%s"',
    (sentence) => {
      expect(lintText('docs/page.md', `The store is ready. ${sentence}\n`)).toEqual([
        { path: 'docs/page.md', line: 1, column: 21, found: sentence, hint: 'write a full sentence: it has no verb' },
      ]);
    },
  );

  test.each([
    'The API answers with 202.',
    'Parse the file.',
    'Each worker polls one queue.',
    'Charts name no secrets.',
    '**Decision.** The API records the store first.',
    'Writable: `/tmp`.',
  ])('is not seen in "%s"', (sentence) => {
    expect(found('docs/page.md', `${sentence}\n`)).toEqual([]);
  });

  test('is accepted in a heading, a list, a table and a docstring', () => {
    const page =
      '# A store for everyone.\n\n- A store for everyone.\n\n| A store for everyone. |\n|---|\n| No node. |\n';
    expect(found('docs/page.md', page)).toEqual([]);
    expect(found('a.ts', '/** Milliseconds between two polls. */\n')).toEqual([]);
  });
});

describe('texts', () => {
  test('are the comments, strings and templates of TypeScript, with their position', () => {
    const source = [
      '// waits for',
      '// ever',
      "const anew = run('it runs anew');",
      '/* nobody */ const text = `${anew} was told ${anew} a lie`;',
    ].join('\n');
    expect(lintText('a.ts', source).map(({ line, column, found: words }) => `${line}:${column} ${words}`)).toEqual([
      '1:10 for ever',
      '3:27 anew',
      '4:4 nobody',
      '4:40 told',
    ]);
  });

  test('are not identifiers, code spans or fenced code', () => {
    expect(found('a.ts', "const verdict = { user: 'nobody' }; // `told`\n")).toEqual([]);
    expect(found('docs/page.md', 'The user is `nobody`.\n\n```sh\nsu nobody\n```\n')).toEqual([]);
  });

  test('do not reach over a code span or into the next comment', () => {
    expect(found('a.ts', 'call(); // it is in `x` vain\n')).toEqual([]);
    expect(found('a.ts', 'one(); // it is in\ntwo(); // vain\n')).toEqual([]);
  });

  test.each([
    ['values.yaml', 'user: nobody # made anew\n'],
    ['_helpers.tpl', '{{/* made anew */}}\n{{ fail "made anew" }}\n'],
    ['run.sh', '#!/bin/sh\n# made anew\necho nobody\n'],
    ['Dockerfile', '# made anew\nUSER nobody\n'],
    ['store.php', "<?php\n// made anew\n$nobody = 'made anew';\n"],
    ['values.schema.json', '{ "nobody": { "description": "made anew" } }\n'],
    ['templates/NOTES.txt', '{{ .Values.nobody }} is made anew.\n'],
    ['bin/serve', '#!/usr/bin/env bash\n# made anew\n'],
  ])('are found in %s', (path, source) => {
    expect(new Set(found(path, source))).toEqual(new Set(['anew']));
  });
});

describe('an ignore comment', () => {
  test('excludes its own line and the next one', () => {
    const source = '// lint-text-ignore: the words of the kubelet\n// made anew\n\n// made anew\n';
    expect(lintText('a.ts', source).map(({ line }) => line)).toEqual([4]);
  });

  test('excludes the lines between start and end', () => {
    const page =
      '<!-- lint-text-ignore-start -->\n\nIt is made\nanew.\n\n<!-- lint-text-ignore-end -->\n\nIt is told.\n';
    expect(lintText('docs/page.md', page).map(({ line }) => line)).toEqual([8]);
  });

  test('excludes the file when it is on the first line', () => {
    expect(found('a.ts', '// lint-text-ignore-file\n// made anew\n')).toEqual([]);
  });
});
