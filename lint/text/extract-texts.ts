import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table';
import { gfmTable } from 'micromark-extension-gfm-table';
import type { Nodes } from 'mdast';
import { type Expression, type JSXText, type Program, type TemplateLiteral, parseSync } from 'oxc-parser';

/** Stands for each character of code inside a text: a code span, or an expression in a template literal. */
export const CODE = '\u0001';

/** A piece of prose: one comment, one string, or one block of Markdown. */
export interface Text {
  /** Offset of the first character in the source, in UTF-16 code units. */
  readonly start: number;
  /** As long as its range in the source. Blanks replace markup, quotes and comment signs; {@link CODE} replaces code. */
  readonly text: string;
  /** Set for a paragraph of Markdown that is not part of a list, a table or a quote. */
  readonly isParagraph: boolean;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

const SCRIPT_FILE = /\.(ts|tsx|mts|cts|js|jsx|mjs|cjs)$/;
const FILE_WITH_HASH_COMMENTS = /(\.(ya?ml|tpl|sh|conf|cfg|cnf|ini|toml)|Dockerfile|\.(helmignore|npmrc|gitignore))$/;

// In each expression a string is tried first, so that a comment sign inside a string starts no comment.
const STRING = String.raw`"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'`;
const JSON_STRING = /"(?:\\.|[^"\\\n])*"/g;
const TEMPLATE_ACTION = /\{\{[\s\S]*?\}\}/g;
const PHP_TEXT = new RegExp(String.raw`${STRING}|\/\*[\s\S]*?\*\/|\/\/[^\n]*|#(?!\[)[^\n]*`, 'g');
const HASH_TEXT = new RegExp(String.raw`\{\{-?\s*\/\*[\s\S]*?\*\/|${STRING}|(?<=^|\s)#[^\n]*`, 'gm');

/** Returns all prose of a file in the order of the source. Returns nothing for a kind of file that it does not know. */
export function extractTexts(path: string, source: string): Text[] {
  if (path.endsWith('.md')) return markdownTexts(source);
  if (SCRIPT_FILE.test(path)) return scriptTexts(path, source);
  if (path.endsWith('.json')) return tokenTexts(source, JSON_STRING);
  if (path.endsWith('NOTES.txt')) {
    const text = source.replaceAll(TEMPLATE_ACTION, (action) => CODE.repeat(action.length));
    return [{ start: 0, text, isParagraph: false }];
  }
  if (path.endsWith('.php')) return tokenTexts(source, PHP_TEXT);
  if (FILE_WITH_HASH_COMMENTS.test(path) || source.startsWith('#!')) return tokenTexts(source, HASH_TEXT);
  return [];
}

function markdownTexts(source: string): Text[] {
  const texts: Text[] = [];
  const collect = (node: Nodes, parent?: Nodes): void => {
    if (node.type === 'paragraph' || node.type === 'heading' || node.type === 'tableCell') {
      const { start, end } = rangeOf(node);
      const text = blank(source.slice(start, end)).split('');
      copyPhrasing(node, source, start, text);
      texts.push({ start, text: text.join(''), isParagraph: node.type === 'paragraph' && parent?.type === 'root' });
    } else if ('children' in node) node.children.forEach((child) => collect(child, node));
  };
  collect(fromMarkdown(source, { extensions: [gfmTable()], mdastExtensions: [gfmTableFromMarkdown()] }));
  return texts;
}

/** Copies the words below `node` into `text`, whose first character is at `offset` of the source. */
function copyPhrasing(node: Nodes, source: string, offset: number, text: string[]): void {
  const { start, end } = rangeOf(node);
  if (node.type === 'text') text.splice(start - offset, end - start, ...source.slice(start, end).split(''));
  else if (node.type === 'inlineCode') text.fill(CODE, start - offset, end - offset);
  else if ('children' in node) node.children.forEach((child) => copyPhrasing(child, source, offset, text));
}

function rangeOf(node: Nodes): Range {
  return { start: node.position?.start.offset ?? 0, end: node.position?.end.offset ?? 0 };
}

/** Comments, string literals and template literals of TypeScript and JavaScript. */
function scriptTexts(path: string, source: string): Text[] {
  const { program, comments } = parseSync(path, source);
  const texts = joinComments(source, comments);
  for (const node of nodesOf(program)) {
    if (node.type === 'Literal' && typeof node.value === 'string') texts.push(...quotedText(source, node));
    if (node.type === 'TemplateLiteral') texts.push(templateText(source, node));
    if (node.type === 'JSXText') texts.push({ start: node.start, text: node.raw ?? '', isParagraph: false });
  }
  return texts.toSorted((one, other) => one.start - other.start);
}

type ScriptNode = Program['body'][number] | Program | Expression | JSXText | TemplateLiteral;

/** Yields a node of the syntax tree and all nodes below it. */
function* nodesOf(value: unknown): Generator<ScriptNode> {
  if (typeof value !== 'object' || value === null) return;
  // Each object with a type is a node: that is how ESTree defines its trees.
  if ('type' in value) yield value as ScriptNode;
  for (const child of Object.values(value)) yield* nodesOf(child);
}

function templateText(source: string, template: TemplateLiteral): Text {
  let text = source.slice(template.start, template.end);
  for (const { start, end } of template.expressions) {
    const offset = start - template.start;
    text = text.slice(0, offset) + CODE.repeat(end - start) + text.slice(offset + end - start);
  }
  return { start: template.start, text: cleanText(text), isParagraph: false };
}

function tokenTexts(source: string, tokens: RegExp): Text[] {
  const ranges = Array.from(source.matchAll(tokens), (match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
  const isQuoted = ({ start }: Range): boolean => /["']/.test(source.charAt(start));
  const texts = joinComments(
    source,
    ranges.filter((range) => !isQuoted(range)),
  );
  return [...texts, ...ranges.filter(isQuoted).flatMap((range) => quotedText(source, range))].toSorted(
    (one, other) => one.start - other.start,
  );
}

/** Joins comments on adjacent lines, since a sentence may reach over several of them. */
function joinComments(source: string, comments: readonly Range[]): Text[] {
  const joined: { start: number; end: number }[] = [];
  for (const { start, end } of comments) {
    const last = joined.at(-1);
    const isLineComment = /^(\/\/|#)/.test(source.slice(start, start + 2));
    if (last !== undefined && isLineComment && /^[ \t]*\n[ \t]*$/.test(source.slice(last.end, start))) last.end = end;
    else joined.push({ start, end });
  }
  return joined.map(({ start, end }) => ({ start, text: cleanText(source.slice(start, end)), isParagraph: false }));
}

/** A string without a blank is a key, a path or an option: it is no prose. */
function quotedText(source: string, { start, end }: Range): Text[] {
  const text = source.slice(start, end);
  return /\s/.test(text) ? [{ start, text: cleanText(text), isParagraph: false }] : [];
}

/** Blanks out quotes, comment signs, interpolation signs and escapes, and keeps the length. */
function cleanText(raw: string): string {
  return raw
    .replace(/^(["'`])([\s\S]*)\1$/, ' $2 ')
    .replace(/^\{\{-?\s*\/\*+/, blank)
    .replaceAll(/^[ \t]*(\/\*+|\/\/+|#+!?|\*+(?=\s|$))/gm, blank)
    .replace(/\*+\/$/, blank)
    .replaceAll(/\$\{|\\[nrt'"`\\]/g, blank)
    .replaceAll(/`[^`\n]*`/g, (span) => CODE.repeat(span.length));
}

function blank(raw: string): string {
  return raw.replaceAll(/[^\n]/g, ' ');
}
