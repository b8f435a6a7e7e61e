import type { Holding } from "../distribution/session.ts";

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

/** A text of a sink, as it is shown. */
export function clip(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}
