import type { DescMessage, JsonObject, MessageShape } from "@bufbuild/protobuf";

/** One resource as a sink gets it. */
export interface SinkResource {
  /** `namespace/name`, or just `name`. */
  readonly name: string;
  /** Opaque; changes if and only if the resource does. */
  readonly version: string;
  /** Seconds since the epoch; `undefined` when the source does not know. */
  readonly createdAt: number | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** `type.googleapis.com/` and the full name of the body's message. */
  readonly typeUrl: string;
  /** The body's protobuf bytes. */
  readonly bytes: Uint8Array;
  /**
   * The body as proto3 JSON. Decoded when called, each time anew.
   * @throws Error when a part has no form in JSON, such as an `Any` around an unknown message.
   */
  body(): JsonObject;
  /**
   * The body as a message. Decoded when called, each time anew.
   * @param schema the generated schema of the body's message, such as `GatewaySchema`
   * @throws Error when the body is another message.
   */
  decode<Desc extends DescMessage>(schema: Desc): MessageShape<Desc>;
}

/** One push of a source: all of a collection, or what changed in it. */
export interface Change {
  readonly collection: string;
  /** The collection's version at the source: for people and logs. */
  readonly version: string;
  /** `false`: `resources` is everything there is, whatever is not in it is gone. `true`: upsert these, delete `removed`. */
  readonly incremental: boolean;
  readonly resources: readonly SinkResource[];
  /** Names that are gone; names that the sink never had may be among them. Empty unless `incremental`. */
  readonly removed: readonly string[];
}

/**
 * Takes a change in. What it returns is awaited if it is a promise, and ignored. To throw, or to reject, is to refuse the
 * change: the source is sent a NACK with the error's message, and the next version when there is one. Calls never overlap.
 * @param signal aborts when the stream is gone, and with it the use of an answer
 */
export type Apply = (change: Change, signal: AbortSignal) => unknown;
