import type { Holding } from "../distribution/watch.ts";

/** How a sink is spoken to. */
export type Protocol = "mcp" | "xds" | "delta-xds";

/** A connected sink, for people. */
export interface SinkView {
  readonly id: number;
  readonly peer: string;
  readonly protocol: Protocol;
  /** What the sink calls itself; not authenticated. */
  readonly sinkId: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** Wall clock milliseconds. */
  readonly since: number;
  readonly collections: readonly Holding[];
}

/** What a sink says of itself. */
export interface SinkNode {
  readonly id: string;
  readonly annotations: ReadonlyMap<string, string>;
}

/** Longest text of a sink that is kept for people, characters. */
const MAX_TEXT = 1024;

/** A text of a sink, as it is kept and shown. */
export function clip(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  // Written anew: what V8 cuts off a text, and what it joins of such, keeps all of the text alive.
  return Buffer.from(`${text.slice(0, MAX_TEXT)}…`).toString();
}

/** Annotations of a sink that are kept, and the characters that they may have together: far more than any sink has reason to say. */
const MAX_ANNOTATIONS = 32;
const MAX_ANNOTATION_TEXT = 4096;

/**
 * What is kept of what a sink says of itself, for as long as its stream is open: the node itself where it is small, as all are
 * that are known. Of another one, each text clipped, and the first annotations that fit.
 */
export function kept(node: SinkNode): SinkNode {
  const { id, annotations } = node;
  if (id.length <= MAX_TEXT && fits(annotations)) return node;
  const some = new Map<string, string>();
  let characters = 0;
  for (const [key, value] of annotations) {
    if (some.size === MAX_ANNOTATIONS) break;
    const [name, text] = [clip(key), clip(value)];
    if (characters + name.length + text.length > MAX_ANNOTATION_TEXT) continue;
    characters += name.length + text.length;
    some.set(name, text);
  }
  return { id: clip(id), annotations: some };
}

function fits(annotations: ReadonlyMap<string, string>): boolean {
  if (annotations.size > MAX_ANNOTATIONS) return false;
  let characters = 0;
  for (const [key, value] of annotations) {
    if (key.length > MAX_TEXT || value.length > MAX_TEXT) return false;
    characters += key.length + value.length;
  }
  return characters <= MAX_ANNOTATION_TEXT;
}
