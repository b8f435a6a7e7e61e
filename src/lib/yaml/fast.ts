import { FLAG_KEY, FLAG_MAY_MEAN, flagsOf, isPlainStart } from "./characters.ts";
import { closingQuote, endsToken, isDash, nextLine, readBlockScalar, skipSpaces, unquote } from "./fast-text.ts";
import { keyText, resolvePlain } from "./scalar.ts";

/**
 * Parses what nearly every manifest consists of: block mappings and lists, one-line scalars, block scalars, empty or one-line
 * flow lists, comments. Returns `undefined` for anything else, errors included: the general parser has the last word there.
 * What it does return is exactly what the general parser returns (the differential tests hold it to that), many times sooner.
 */
export function parseCommon(text: string): unknown {
  if (!uncommon.test(text)) return new CommonParser(text).parse();
  return text.includes("\r\n") ? parseCommon(text.replaceAll("\r\n", "\n")) : undefined;
}

// Tabs, CRs, control characters, surrogates (lone ones are errors), byte order marks.
const uncommon = /[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;

/** Deeper documents go to the general parser, which knows the exact limit. */
const MAX_COMMON_DEPTH = 40;

const NEWLINE = 10;
const SPACE = 32;
const DOUBLE_QUOTE = 34;
const HASH = 35;
const SINGLE_QUOTE = 39;
const COMMA = 44;
const DASH = 45;
const COLON = 58;
const GREATER = 62;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const PIPE = 124;
const CLOSE_BRACE = 125;

/**
 * A recursive descent over lines. Between values the parser stands at the first character of a line's content (`#at`, in
 * column `#indent`), or at the end of the text (`#indent` is -1). Every method that parses returns `undefined` to give up.
 */
class CommonParser {
  readonly #text: string;
  #at = 0;
  #indent = -1;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): unknown {
    this.#toContent(0);
    const value = this.#indent === 0 ? this.#node(0, 0) : undefined;
    return this.#at === this.#text.length ? value : undefined;
  }

  /** Moves from the start of a line to the next content, over blank lines and comments. */
  #toContent(lineStart: number): void {
    const text = this.#text;
    let start = lineStart;
    let at = skipSpaces(text, start);
    for (let c = text.charCodeAt(at); c === NEWLINE || c === HASH; c = text.charCodeAt(at)) {
      start = nextLine(text, at);
      at = skipSpaces(text, start);
    }
    this.#at = at;
    this.#indent = at < text.length ? at - start : -1;
  }

  /** The mapping or list that starts here, in column `indent`. */
  #node(indent: number, depth: number): unknown {
    return isDash(this.#text, this.#at) ? this.#list(indent, depth) : this.#mapping(indent, depth, this.#key(this.#at));
  }

  /** The mapping whose first key has been read. */
  #mapping(indent: number, depth: number, firstKey: string | undefined): unknown {
    if (depth > MAX_COMMON_DEPTH) return undefined;
    const map: Record<string, unknown> = {};
    let key = firstKey;
    for (;;) {
      // A key that is there already is an error, and one that every object has (`constructor`) needs care.
      if (key === undefined || map[key] !== undefined) return undefined;
      const value = this.#value(this.#at, indent, depth, true);
      if (value === undefined) return undefined;
      map[key] = value;
      if (this.#indent !== indent) return this.#indent > indent ? undefined : map;
      key = this.#key(this.#at);
    }
  }

  #list(indent: number, depth: number): unknown {
    if (depth > MAX_COMMON_DEPTH) return undefined;
    const items: unknown[] = [];
    do {
      const item = this.#item(indent, depth);
      if (item === undefined) return undefined;
      items.push(item);
      if (this.#indent !== indent) return this.#indent > indent ? undefined : items;
    } while (isDash(this.#text, this.#at));
    return items;
  }

  /** What follows a dash: a compact list or mapping, or a value as after a colon. */
  #item(indent: number, depth: number): unknown {
    const dash = this.#at;
    const at = skipSpaces(this.#text, dash + 1);
    const column = indent + at - dash;
    if (isDash(this.#text, at)) {
      this.#at = at;
      this.#indent = column;
      return this.#list(column, depth + 1);
    }
    const key = this.#key(at);
    return key === undefined ? this.#value(dash + 1, indent, depth, false) : this.#mapping(column, depth + 1, key);
  }

  /** The key at `at`, leaving `#at` behind its colon; `undefined` where there is no simple one. */
  #key(at: number): string | undefined {
    const text = this.#text;
    const first = text.charCodeAt(at);
    if (first === DASH) return undefined;
    const quoted = first === DOUBLE_QUOTE || first === SINGLE_QUOTE;
    let end = at;
    if (quoted) end = closingQuote(text, at) + 1;
    else while ((flagsOf(text.charCodeAt(end)) & FLAG_KEY) !== 0) end++;
    if (end <= at || text.charCodeAt(end) !== COLON || !endsToken(text, end + 1)) return undefined;
    this.#at = end + 1;
    if (quoted) return unquote(text, at, end - 1);
    const key = text.slice(at, end);
    return (flagsOf(first) & FLAG_MAY_MEAN) === 0 ? key : keyText(resolvePlain(key));
  }

  /** What follows a colon or a dash: a value on the line, or a collection on the lines below. */
  #value(from: number, indent: number, depth: number, inMapping: boolean): unknown {
    const text = this.#text;
    const at = skipSpaces(text, from);
    switch (text.charCodeAt(at)) {
      case NEWLINE:
        return this.#below(at + 1, indent, depth, inMapping);
      case HASH:
        return at > from ? this.#below(nextLine(text, at), indent, depth, inMapping) : undefined;
      case DOUBLE_QUOTE:
      case SINGLE_QUOTE: {
        const end = closingQuote(text, at);
        return end < 0 ? undefined : this.#finish(unquote(text, at, end), end + 1, indent);
      }
      case OPEN_BRACKET:
        return this.#flowList(at + 1, indent);
      case OPEN_BRACE: {
        const end = skipSpaces(text, at + 1);
        return text.charCodeAt(end) === CLOSE_BRACE ? this.#finish({}, end + 1, indent) : undefined;
      }
      case PIPE:
      case GREATER: {
        const block = readBlockScalar(text, at, indent);
        if (block !== undefined) this.#toContent(block.end);
        return block?.value;
      }
      default:
        return at < text.length ? this.#plain(at, indent) : this.#below(at, indent, depth, inMapping);
    }
  }

  #below(lineStart: number, indent: number, depth: number, inMapping: boolean): unknown {
    this.#toContent(lineStart);
    if (this.#indent > indent) return this.#node(this.#indent, depth + 1);
    // The list of a mapping's value may stand in the mapping's own column.
    const isList = inMapping && this.#indent === indent && isDash(this.#text, this.#at);
    return isList ? this.#list(indent, depth + 1) : null;
  }

  /** Checks that nothing but a comment follows a value on its line, and that the next line doesn't continue it. */
  #finish(value: unknown, end: number, indent: number): unknown {
    const at = skipSpaces(this.#text, end);
    const c = this.#text.charCodeAt(at);
    if (c !== NEWLINE && at < this.#text.length && (c !== HASH || at === end)) return undefined;
    this.#toContent(nextLine(this.#text, at));
    return this.#indent > indent ? undefined : value;
  }

  #plain(start: number, indent: number): unknown {
    const text = this.#text;
    const first = text.charCodeAt(start);
    if (!isPlainStart(first, text.charCodeAt(start + 1))) return undefined;
    let end = start; // behind the last character that is no space
    for (let at = start; at < text.length; at++) {
      const c = text.charCodeAt(at);
      if (c === SPACE) continue;
      if (c === NEWLINE || (c === HASH && at > end)) break;
      if (c === COLON && endsToken(text, at + 1)) return undefined;
      end = at + 1;
    }
    const written = text.slice(start, end);
    return this.#finish((flagsOf(first) & FLAG_MAY_MEAN) === 0 ? written : resolvePlain(written), end, indent);
  }

  /** A list on one line, of quoted scalars and simple words. */
  #flowList(from: number, indent: number): unknown {
    const text = this.#text;
    const items: unknown[] = [];
    let at = skipSpaces(text, from);
    if (text.charCodeAt(at) === CLOSE_BRACKET) return this.#finish(items, at + 1, indent);
    for (;;) {
      const first = text.charCodeAt(at);
      const start = at;
      if (first === DOUBLE_QUOTE || first === SINGLE_QUOTE) {
        at = closingQuote(text, start) + 1;
        const value = at === 0 ? undefined : unquote(text, start, at - 1);
        if (value === undefined) return undefined;
        items.push(value);
      } else {
        while ((flagsOf(text.charCodeAt(at)) & FLAG_KEY) !== 0) at++;
        if (at === start || first === DASH) return undefined;
        items.push(resolvePlain(text.slice(start, at)));
      }
      at = skipSpaces(text, at);
      if (text.charCodeAt(at) === CLOSE_BRACKET) return this.#finish(items, at + 1, indent);
      if (text.charCodeAt(at) !== COMMA) return undefined;
      at = skipSpaces(text, at + 1);
    }
  }
}
