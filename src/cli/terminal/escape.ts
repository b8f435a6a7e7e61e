// Controls, line separators that JSON lets through, and marks that reorder what a terminal shows.
const unsafe = /[\p{Cc}\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu;

const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Text from outside made harmless for a terminal or a line of a log: what would control it is spelled out as `\uXXXX`. */
export function escapeControls(text: string): string {
  return text.replace(unsafe, (character) => short[character] ?? unicodeEscape(character));
}

/** JSON on one line, without the controls that JSON itself lets through. */
export function escapedJson(value: unknown): string {
  return JSON.stringify(value).replace(unsafe, unicodeEscape);
}

/** The first `most` characters; what is cut is counted, so that nobody takes the part for the whole. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const kept = text.slice(0, most).replace(/[\uD800-\uDBFF]$/u, "");
  return `${kept}…(${text.length - kept.length} more)`;
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
