import type { DescMessage, JsonObject, MessageShape } from "@bufbuild/protobuf";

/** One resource as a client gets it. */
export interface XdsResource {
  /** `namespace/name`; for types that are not wrapped, the name that the server or the body itself gives. */
  readonly name: string;
  /** Opaque; changes if and only if the resource does. A hash of the body where the server gives none. */
  readonly version: string;
  /** Seconds since the epoch; `undefined` when the server does not say. */
  readonly createdAt: number | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Type URL of the body: `type.googleapis.com/` and the full name of its message. */
  readonly typeUrl: string;
  /** The body's protobuf bytes. */
  readonly bytes: Uint8Array;
  /**
   * The body as proto3 JSON, decoded anew each time. What has no form in JSON, such as a message that is not known here, is
   * given as `{"@type", "value"}` with its bytes in base64.
   */
  body(): JsonObject;
  /**
   * The body as a message, decoded anew each time.
   * @param schema the generated schema of the body's message, such as `GatewaySchema`
   * @throws Error when the body is another message.
   */
  decode<Desc extends DescMessage>(schema: Desc): MessageShape<Desc>;
}

/** What one response says of a type. */
export interface XdsChange {
  /** The type URL that was asked for. */
  readonly typeUrl: string;
  /** The server's version of the type: for people and logs. */
  readonly version: string;
  /** `false`: `resources` is everything there is, whatever is not in it is gone. `true`: upsert these, delete `removed`. */
  readonly incremental: boolean;
  /** Of two with one name the later one counts. */
  readonly resources: readonly XdsResource[];
  /** Names that are gone; names that the client never had may be among them. Empty unless `incremental`. */
  readonly removed: readonly string[];
}
