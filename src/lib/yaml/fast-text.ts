import { CHOMPING_MODE, EVENT_ID, getScalarValue, SCALAR_STYLE } from "js-yaml";

// Readers of single tokens for the fast path. All take the whole text, without tabs or CRs, and an offset into it.

const NEWLINE = 10;
const SPACE = 32;
const DOUBLE_QUOTE = 34;
const SINGLE_QUOTE = 39;
const DASH = 45;
const BACKSLASH = 92;
const PIPE = 124;

export function skipSpaces(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === SPACE) at++;
  return at;
}

/** The start of the line after the one that `at` is on; the end of the text on the last. */
export function nextLine(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end + 1;
}

/** Whether a token before `at` ends here: at a space, a line end or the end of the text. */
export function endsToken(text: string, at: number): boolean {
  const c = text.charCodeAt(at);
  return c === SPACE || c === NEWLINE || at >= text.length;
}

/** Whether the dash of a list item stands here. */
export function isDash(text: string, at: number): boolean {
  return text.charCodeAt(at) === DASH && endsToken(text, at + 1);
}

/** Where the scalar that the quote at `open` begins is closed on the same line, or -1. */
export function closingQuote(text: string, open: number): number {
  const quote = text.charCodeAt(open);
  for (let at = open + 1; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === NEWLINE) return -1;
    if (c === BACKSLASH && quote === DOUBLE_QUOTE) at++;
    else if (c === quote) {
      if (quote === DOUBLE_QUOTE || text.charCodeAt(at + 1) !== SINGLE_QUOTE) return at;
      at++;
    }
  }
  return -1;
}

/** The text between two quotes; `undefined` when it has escapes that JSON doesn't know. */
export function unquote(text: string, open: number, close: number): string | undefined {
  const inner = text.slice(open + 1, close);
  if (text.charCodeAt(open) === SINGLE_QUOTE) return inner.includes("''") ? inner.replaceAll("''", "'") : inner;
  if (!inner.includes("\\")) return inner;
  try {
    return JSON.parse(`"${inner}"`) as string; // the escapes that JSON has mean the same in YAML
  } catch {
    return undefined;
  }
}

/** A block scalar's text, and the start of the line behind it. */
export interface BlockScalar {
  readonly value: string;
  readonly end: number;
}

/**
 * Reads the literal or folded scalar whose `|` or `>` stands at `header`, below a node in column `indent`. Only those whose
 * indentation shows in their first line, and that end with a line end: `undefined` for the others.
 */
export function readBlockScalar(text: string, header: number, indent: number): BlockScalar | undefined {
  const sign = text.charAt(header + 1);
  const headerEnd = skipSpaces(text, header + (sign === "-" || sign === "+" ? 2 : 1));
  if (text.charCodeAt(headerEnd) !== NEWLINE || !text.endsWith("\n")) return undefined;
  const start = headerEnd + 1;
  let column = -1;
  let at = start;
  while (at < text.length) {
    const content = skipSpaces(text, at);
    const spaces = content - at;
    if (text.charCodeAt(content) === NEWLINE) {
      // Blank lines before the first line of text must not reach beyond its column; leave that question to the other parser.
      if (column < 0 && spaces > 0) return undefined;
    } else if (column < 0) {
      if (spaces <= indent) return undefined;
      column = spaces;
    } else if (spaces < column) {
      if (spaces > indent) return undefined;
      break;
    }
    at = nextLine(text, content);
  }
  if (column < 0) return undefined;
  const value = getScalarValue(text, {
    type: EVENT_ID.SCALAR,
    valueStart: start,
    valueEnd: at,
    anchorStart: -1,
    anchorEnd: -1,
    tagStart: -1,
    tagEnd: -1,
    style: text.charCodeAt(header) === PIPE ? SCALAR_STYLE.LITERAL_BLOCK : SCALAR_STYLE.FOLDED_BLOCK,
    chomping: sign === "-" ? CHOMPING_MODE.STRIP : sign === "+" ? CHOMPING_MODE.KEEP : CHOMPING_MODE.CLIP,
    indent: column,
    fast: false,
  });
  return { value, end: at };
}
