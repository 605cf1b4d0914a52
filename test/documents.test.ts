import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import type { Nodes } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table';
import { gfmTable } from 'micromark-extension-gfm-table';
import { PROBLEM_CODES, problemKind } from '../api/problems/catalogue.ts';
import { FAILURE_CODES, failureKind } from '../domain/failure.ts';

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));
const MAX_README_LINES = 150;

const PAGES = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', ...pagesIn('docs')];

test(`README.md has at most ${MAX_README_LINES} lines`, () => {
  expect(textOf('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(MAX_README_LINES);
});

describe('docs/troubleshooting.md', () => {
  const entries = textOf('docs/troubleshooting.md').split('\n## Codes\n')[1]?.split('\n### ').slice(1) ?? [];

  test('has one entry per failure code, in the order of domain/failure.ts', () => {
    expect(entries.map((entry) => entry.split('\n')[0])).toEqual(FAILURE_CODES);
  });

  test.each(FAILURE_CODES)('says whether a retry can help after %s', (code) => {
    const { temporalRetryable, retryable } = failureKind(code);
    const answer = (value: boolean) => (value ? 'yes' : 'no');
    const entry = entries.find((candidate) => candidate.startsWith(`${code}\n`));
    expect(entry?.split('\n')[2]).toBe(
      `Temporal retries: ${answer(temporalRetryable)}. \`retry\` can help: ${answer(retryable)}.`,
    );
  });
});

describe('docs/api.md', () => {
  const page = textOf('docs/api.md');

  test('lists every problem with its status and its explanation', () => {
    const rows = PROBLEM_CODES.map((code) => {
      const { status, title, explanation } = problemKind(code);
      return `| \`${code}\` | ${status} | ${title}. ${explanation} |`;
    });
    const table = ['| code | status | meaning |', '|---|---|---|', ...rows].join('\n');
    expect(/<!-- problems:begin -->\n\n([\s\S]*)\n\n<!-- problems:end -->/.exec(page)?.[1]).toBe(table);
  });

  test('describes every route of the OpenAPI document', () => {
    const { paths } = JSON.parse(textOf('api/openapi.json')) as { paths: Record<string, object> };
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(routes.filter((route) => !page.includes(`\`${route}\``))).toEqual([]);
  });
});

test.each(PAGES)('every relative link in %s leads to a file and a heading', (page) => {
  const broken = linksIn(textOf(page)).filter((link) => !/^[a-z]+:/i.test(link) && !leadsSomewhere(page, link));
  expect(broken).toEqual([]);
});

test.each(pagesIn('docs').filter((page) => dirname(page) === 'docs'))('README.md links to %s', (page) => {
  expect(linksIn(textOf('README.md')).map((link) => link.split('#')[0])).toContain(page);
});

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = decodeURIComponent(link).split('#');
  const target = path === '' ? page : relative(REPOSITORY, join(REPOSITORY, dirname(page), path));
  if (!existsSync(join(REPOSITORY, target))) return false;
  return anchor === undefined || (target.endsWith('.md') && anchorsIn(textOf(target)).has(anchor));
}

/** Returns the paths of all Markdown files below a folder, relative to the repository. */
function pagesIn(folder: string): readonly string[] {
  return readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !path.endsWith('template.md'))
    .map((path) => join(folder, path))
    .toSorted();
}

function textOf(path: string): string {
  return readFileSync(join(REPOSITORY, path), 'utf8');
}

function linksIn(markdown: string): readonly string[] {
  return nodesOf(markdown).flatMap((node) => (node.type === 'link' || node.type === 'image' ? [node.url] : []));
}

/** Returns the anchors of all headings, as GitHub creates them. */
function anchorsIn(markdown: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const node of nodesOf(markdown)) {
    if (node.type !== 'heading') continue;
    const anchor = wordsOf(node)
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    let unique = anchor;
    for (let count = 1; anchors.has(unique); count += 1) unique = `${anchor}-${count}`;
    anchors.add(unique);
  }
  return anchors;
}

function wordsOf(node: Nodes): string {
  if ('value' in node) return node.value;
  return 'children' in node ? node.children.map(wordsOf).join('') : '';
}

function nodesOf(markdown: string): readonly Nodes[] {
  const flatten = (node: Nodes): readonly Nodes[] => [
    node,
    ...('children' in node ? node.children.flatMap(flatten) : []),
  ];
  return flatten(fromMarkdown(markdown, { extensions: [gfmTable()], mdastExtensions: [gfmTableFromMarkdown()] }));
}
