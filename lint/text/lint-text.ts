import { CODE, type Text, extractTexts } from './extract-texts.ts';
import { sentencesWithoutVerb } from './missing-verbs.ts';
import { PHRASES } from './phrases.ts';

export interface Finding {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1. */
  readonly column: number;
  /** The words that were found, or the whole sentence. */
  readonly found: string;
  readonly hint: string;
}

interface Match {
  /** Offset in the text. */
  readonly start: number;
  readonly found: string;
  readonly hint: string;
}

const RULES = PHRASES.map(({ pattern, hint }) => ({
  expression: new RegExp(`\\b(?:${pattern})\\b`.replaceAll(' ', '\\s+'), 'gi'),
  hint,
}));

const SUBJECT_CLAUSE = String.raw`(?:What|Who)\s+(?!s\b)[^.?!]*`;
const SUBJECT_CLAUSES = {
  // A heading or a table cell may read "What it does".
  markdown: new RegExp(String.raw`(?<=^\s*|[.!]\s+)${SUBJECT_CLAUSE}\.(?=\s|$)`, 'g'),
  source: new RegExp(String.raw`(?<=^\s*|[.!]\s+)${SUBJECT_CLAUSE}(?=\.\s|\.?\s*$)`, 'g'),
};
const SUBJECT_CLAUSE_HINT = 'name the thing: a relative clause is no subject and no definition';

/** Characters of a finding that are printed. */
const MAX_FOUND = 60;

const VERB_HINT = 'write a full sentence: it has no verb';

/** Returns what is wrong with the prose of one file, in the order of the file. */
export function lintText(path: string, source: string): Finding[] {
  if (/^.*lint-text-ignore-file/.test(source)) return []; // on the first line only
  const isMarkdown = path.endsWith('.md');
  const ignored = ignoredLines(source);
  return extractTexts(path, source)
    .flatMap((text) => matchesOf(text, isMarkdown).map((match) => ({ ...match, start: text.start + match.start })))
    .toSorted((one, other) => one.start - other.start)
    .map(({ start, found, hint }) => ({ path, ...positionOf(source, start), found, hint }))
    .filter(({ line }) => !ignored.has(line));
}

function matchesOf({ text, isParagraph }: Text, isMarkdown: boolean): Match[] {
  const matches: Match[] = [];
  for (const { expression, hint } of RULES) {
    for (const { index, 0: found } of text.matchAll(expression))
      matches.push({ start: index, found: onOneLine(found), hint });
  }
  for (const { index, 0: found } of text.matchAll(SUBJECT_CLAUSES[isMarkdown ? 'markdown' : 'source'])) {
    matches.push({ start: index, found: onOneLine(found), hint: SUBJECT_CLAUSE_HINT });
  }
  for (const sentence of isParagraph ? sentencesWithoutVerb(text) : []) {
    matches.push({ start: startOf(sentence, text), found: onOneLine(sentence), hint: VERB_HINT });
  }
  return matches;
}

/** A sentence has lost the line breaks of its paragraph: its first words lead back to where it stands. */
function startOf(sentence: string, paragraph: string): number {
  const words = sentence.split(' ').map((word) => word.replaceAll(/[^\w]/g, String.raw`\$&`));
  return Math.max(0, paragraph.search(new RegExp(words.join(String.raw`\s+`))));
}

function onOneLine(found: string): string {
  const line = found
    .replaceAll(new RegExp(`${CODE}+`, 'g'), '…')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return line.length > MAX_FOUND ? `${line.slice(0, MAX_FOUND)}…` : line;
}

function positionOf(source: string, offset: number): { line: number; column: number } {
  const before = source.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/**
 * Lines that a comment excludes: `lint-text-ignore` excludes its own line and the next one, `lint-text-ignore-start` and
 * `lint-text-ignore-end` exclude all lines between them.
 */
function ignoredLines(source: string): ReadonlySet<number> {
  const ignored = new Set<number>();
  let isInside = false;
  for (const [index, line] of source.split('\n').entries()) {
    const directive = /lint-text-ignore(-start|-end)?/.exec(line);
    if (directive?.[1] === '-start') isInside = true;
    if (directive?.[1] === '-end') isInside = false;
    if (isInside || directive !== null) ignored.add(index + 1);
    if (directive !== null && directive[1] === undefined) ignored.add(index + 2);
  }
  return ignored;
}
