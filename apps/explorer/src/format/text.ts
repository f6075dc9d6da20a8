/** Text that strangers wrote: bounded, and with the characters shown that hide or reorder text. */

/** The most characters of a file that a page shows. */
export const MAX_SHOWN = 200_000;
/** The most characters of a name. */
const MAX_NAME = 200;

/** Controls and formats, such as escapes of terminals and overrides of the text's direction. */
const HIDDEN = /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const DELETE = 0x7f;
/** Where Unicode has pictures of the controls before the space, and of the deletion. */
const PICTURES = 0x2400;
const DELETE_PICTURE = 0x2421;

/** Shows every hidden character: an escape as `␛`, an override of the direction as `⟨U+202E⟩`. */
export function visibleText(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(HIDDEN, showCharacter);
}

/** The text of a file: its beginning, if it is long. */
export function fileText(text: string): string {
  if (text.length <= MAX_SHOWN) return visibleText(text);
  const left = text.length - MAX_SHOWN;
  return `${visibleText(text.slice(0, MAX_SHOWN))}\n… ${left} more characters`;
}

/** A name, a state or an error in one line. */
export function lineText(text: string, maxCharacters = MAX_NAME): string {
  const start = text.length <= maxCharacters ? text : `${text.slice(0, maxCharacters)}…`;
  return visibleText(start).replace(/[\n\t]/g, showCharacter);
}

function showCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(PICTURES + code);
  if (code === DELETE) return String.fromCodePoint(DELETE_PICTURE);
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
}
