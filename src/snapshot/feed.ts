import type { Collection } from "../model/names.ts";
import type { Table } from "./table.ts";

/** Told that a feed has new content. It is not told which: whoever wants it asks the feed when it can use it. */
export type Wake = (feed: Feed) => void;

/**
 * One line of content that sinks subscribe to: the collection itself, or what a protocol derives from it. Shared by all
 * that subscribe to it; compared by identity.
 */
export interface Feed {
  /** What it is called on the wire: the collection in MCP, a type URL in xDS. */
  readonly topic: string;
  /** The collection that it stands for, in metrics and for people. */
  readonly collection: Collection;
  /**
   * Of what is due to one sink at the same time, lower ranks go first, so that what refers comes after what it refers to; what
   * only loses resources goes last, and in reverse. Where all ranks are 0 the order is that in which they became due.
   */
  readonly rank: number;
  /** What it takes for the sake of a sink that asks for it, about, bytes; 0 for what is there anyway. */
  readonly ownBytes: number;
  /** The newest content; `undefined` until there is any. */
  readonly latest: Table | undefined;
  /** Has `wake` called at every change until `unwatch`. Watching twice is watching once. */
  watch(wake: Wake): void;
  unwatch(wake: Wake): void;
}
