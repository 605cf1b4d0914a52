/** Maximum length of a store name in Unicode code points. */
export const MAX_NAME_LENGTH = 63;

/**
 * A character that prints something. Unassigned characters count as visible: later Unicode versions, which Helm or a browser
 * may know and this process does not, assign emoji and letters to them. YAML allows all of them but the last two here.
 */
const VISIBLE = '[^\\p{Cc}\\p{Cf}\\p{Co}\\p{Cs}\\p{Z}\ufffe\uffff]';
/** The space, the ideographic space, and the two joiners without which some scripts and emoji cannot be written. */
const INVISIBLE = '[ \u3000\u200c\u200d]';

/**
 * Pattern of a store name: printable characters, at least one of them visible. The schemas of the charts contain the same
 * pattern. It means the same in JavaScript, with the flag `u`, and in Go.
 */
export const NAME_PATTERN = `^${INVISIBLE}*${VISIBLE}(?:${VISIBLE}|${INVISIBLE})*$`;

const VISIBLE_EXPRESSION = new RegExp(VISIBLE, 'u');
const NAME_EXPRESSION = new RegExp(NAME_PATTERN, 'u');

/** Returns whether a text has a visible character. */
export function hasVisibleCharacter(text: string): boolean {
  return VISIBLE_EXPRESSION.test(text);
}

/** Returns whether a text has printable characters only, and a visible one. */
export function isPrintableName(text: string): boolean {
  return NAME_EXPRESSION.test(text);
}
