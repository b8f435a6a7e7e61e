import { countLines } from "./position.ts";

/** One document of a stream: its text and where that begins in the stream. */
export interface YamlDocument {
  /** From the first line behind the separator, or from the separator itself where content or directives come with it. */
  readonly text: string;
  readonly offset: number;
  /** The line on which `text` begins, from 1. */
  readonly line: number;
}

/**
 * Cuts a YAML stream at its document markers: lines that begin with `---` or `...` and then end, or go on with white space.
 * By YAML's rules no scalar holds such a line, so nothing is ever cut in two. Documents without content are left out.
 * The texts are slices: they keep `stream` alive.
 */
export function* splitYaml(stream: string): Generator<YamlDocument, undefined> {
  let from = stream.startsWith("\ufeff") ? 1 : 0;
  let mayDirect = true; // directives stand only at the start and behind `...`
  let line = 1;
  let counted = 0; // lines are counted up to here
  for (const { kind, start, end } of markers(stream)) {
    const text = stream.slice(from, start);
    if (kind === "---" && mayDirect && directives.test(text)) {
      mayDirect = false; // the `---` belongs to the directives' own document
      continue;
    }
    if (content.test(text)) {
      line += countLines(stream, counted, from);
      counted = from;
      yield { text, offset: from, line };
    }
    mayDirect = kind === "...";
    from = documentStart(stream, start, end);
  }
}

interface Marker {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
}

/** The document markers in order, and one at the end of the stream. */
function* markers(stream: string): Generator<Marker, undefined> {
  for (const match of stream.matchAll(marker)) {
    const start = match.index + (/^[\r\n]/.test(match[0]) ? 1 : 0);
    yield { kind: match[1]!, start, end: match.index + match[0].length };
  }
  yield { kind: "end", start: stream.length, end: stream.length };
}

// A byte order mark may precede a document, as it does where files were joined.
const marker = /(?:^|[\r\n])\ufeff?(---|\.\.\.)(?=[ \t\r\n]|$)/g;
/** A line that is neither blank nor a comment. */
const content = /(?:^|[\r\n])[ \t\ufeff]*[^ \t\r\n\ufeff#]/;
/** Comments and blank lines, then a directive. */
const directives = /^(?:[ \t\ufeff]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))*%/;

/** Where the text of the document behind a marker begins: on the next line, or at the marker if its line says more. */
function documentStart(stream: string, markerStart: number, markerEnd: number): number {
  let at = markerEnd;
  while (stream.charCodeAt(at) === 32 || stream.charCodeAt(at) === 9) at++;
  if (stream.startsWith("#", at)) {
    while (at < stream.length && stream.charCodeAt(at) !== 10 && stream.charCodeAt(at) !== 13) at++;
  }
  if (stream.startsWith("\r\n", at)) return at + 2;
  if (at >= stream.length || stream.charCodeAt(at) === 10 || stream.charCodeAt(at) === 13)
    return Math.min(at + 1, stream.length);
  return markerStart;
}
