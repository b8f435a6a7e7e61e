/** Longest document that is parsed, in characters: a megabyte is a large manifest, and parsing holds several times the text. */
export const MAX_DOCUMENT_CHARS: number = 4 * 1024 * 1024;

/** Deepest nesting of collections, aliases counted where they are used. */
export const MAX_DEPTH = 100;

/** Nodes that aliases may add to a document in all: a few bytes of text can otherwise stand for billions of values. */
export const MAX_ALIASED_NODES = 100_000;
