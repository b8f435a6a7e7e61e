import type { ReceivedResource } from "./resource.ts";

/** What one message of a server says of the content that it is about. */
export interface ReceivedChange {
  /** The server's version of the content: for people and logs. */
  readonly version: string;
  /** `false`: `resources` is everything there is, whatever is not in it is gone. `true`: upsert these, delete `removed`. */
  readonly incremental: boolean;
  /** Of two with one name the later one counts. */
  readonly resources: readonly ReceivedResource[];
  /** Names that are gone; names that the receiver never had may be among them. Empty unless `incremental`. */
  readonly removed: readonly string[];
}

/** One push of a source of MCP: all of a collection, or what changed in it. */
export interface Change extends ReceivedChange {
  readonly collection: string;
}

/** One response of a server of xDS: all of a type, or what changed of it. */
export interface XdsChange extends ReceivedChange {
  /** The type URL that was asked for. */
  readonly typeUrl: string;
}

/** What a change is of: a collection or a type URL. */
export function topicOf(change: Change | XdsChange): string {
  return "typeUrl" in change ? change.typeUrl : change.collection;
}

/**
 * Takes a change in. What it returns is awaited if it is a promise, and ignored. To throw, or to reject, is to refuse the
 * change: the server is sent a NACK with the error's message, and the next version when there is one. Calls never overlap.
 * @param signal aborts when the stream is gone, and with it the use of an answer
 */
export type Apply<Received extends ReceivedChange = Change> = (change: Received, signal: AbortSignal) => unknown;
