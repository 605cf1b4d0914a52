import nlp from 'compromise/two';
import { CODE } from './extract-texts.ts';

interface Term {
  readonly normal: string;
  readonly post: string;
  readonly tags: readonly string[];
}

interface Sentence {
  readonly text: string;
  readonly terms: readonly Term[];
}

/** Shorter sentences are labels, for example `**Decision.**` in front of a paragraph. */
const MIN_WORDS = 3;

/**
 * Returns the sentences of a paragraph that have no verb. It prefers to miss a fragment over a false finding: a sentence with
 * code in it, a label with a colon and a sentence with any word that could be a verb are not returned.
 */
export function sentencesWithoutVerb(paragraph: string): string[] {
  const sentences = nlp(paragraph.replaceAll(/\s+/g, ' ')).json() as readonly Sentence[];
  return sentences.filter((sentence) => isProse(sentence) && !hasVerb(sentence)).map(({ text }) => text.trim());
}

function isProse({ text, terms }: Sentence): boolean {
  const sentence = text.trim();
  if (terms.length < MIN_WORDS || sentence.includes(CODE)) return false;
  return /^["'(]?[A-Z].*[\p{L}\d)][.!]["')]?$/u.test(sentence) && !/^[\w -]+:/.test(sentence);
}

function hasVerb({ terms }: Sentence): boolean {
  return terms.some((term, index) => has(term, 'Verb') || couldBeVerb(term, terms[index - 1], terms[index + 1]));
}

/** The tagger takes some verbs for nouns: "The API answers with 202", "Parse the file". */
function couldBeVerb(term: Term, previous?: Term, next?: Term): boolean {
  if (has(term, 'Noun') && has(next, 'Determiner') && !endsClause(term)) return true;
  if (previous === undefined) return nlp(term.normal).has('#Verb');
  const followsSubject = has(previous, 'Noun') || has(previous, 'Pronoun') || has(previous, 'Adverb');
  return followsSubject && !endsClause(previous) && /[^s]s$/.test(term.normal);
}

function has(term: Term | undefined, tag: string): boolean {
  return term?.tags.includes(tag) ?? false;
}

function endsClause({ post }: Term): boolean {
  return /[,;:]/.test(post);
}
