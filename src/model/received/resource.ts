import { type DescMessage, fromBinary, type JsonObject, type MessageShape } from "@bufbuild/protobuf";

/** One resource as it was received, over whatever protocol. */
export interface ReceivedResource {
  /** `namespace/name`, or just `name`. */
  readonly name: string;
  /** Opaque; changes if and only if the resource does. */
  readonly version: string;
  /** Seconds since the epoch; `undefined` when the server does not say. */
  readonly createdAt: number | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** `type.googleapis.com/` and the full name of the body's message. */
  readonly typeUrl: string;
  /** The body's protobuf bytes. */
  readonly bytes: Uint8Array;
  /**
   * The body as proto3 JSON. Decoded when called, each time anew.
   * @throws Error over MCP, when a part has no form in JSON, such as an `Any` around an unknown message. Over xDS such a
   * body is given as `{"@type", "value"}` with its bytes in base64.
   */
  body(): JsonObject;
  /**
   * The body as a message. Decoded when called, each time anew.
   * @param schema the generated schema of the body's message, such as `GatewaySchema`
   * @throws Error when the body is another message.
   */
  decode<Desc extends DescMessage>(schema: Desc): MessageShape<Desc>;
}

/** What a server says of a resource beside its body; `google.protobuf.Timestamp` holds its seconds in either form. */
export interface ReceivedMetadata extends Pick<ReceivedResource, "name" | "version" | "labels" | "annotations"> {
  readonly createTime: { readonly seconds: number | bigint; readonly nanos: number } | undefined;
}

/** Shows a body as proto3 JSON. */
export type ShowBody = (typeUrl: string, bytes: Uint8Array) => JsonObject;

/**
 * A received resource whose body was found to be good. The body stays bytes until somebody wants to see it.
 * @param show one for many resources, or each takes more memory
 */
export function receivedResource(
  metadata: ReceivedMetadata,
  typeUrl: string,
  bytes: Uint8Array,
  show: ShowBody,
): ReceivedResource {
  return new LazyResource(metadata, typeUrl, bytes, show);
}

/** The message that a type URL names: what stands behind its last slash. */
export function messageIn(typeUrl: string): string {
  return typeUrl.slice(typeUrl.lastIndexOf("/") + 1);
}

class LazyResource implements ReceivedResource {
  readonly name: string;
  readonly version: string;
  readonly createdAt: number | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly typeUrl: string;
  readonly bytes: Uint8Array;
  readonly #show: ShowBody;

  constructor(metadata: ReceivedMetadata, typeUrl: string, bytes: Uint8Array, show: ShowBody) {
    this.name = metadata.name;
    this.version = metadata.version;
    this.createdAt = secondsOf(metadata);
    this.labels = metadata.labels;
    this.annotations = metadata.annotations;
    this.typeUrl = typeUrl;
    this.bytes = bytes;
    this.#show = show;
  }

  body(): JsonObject {
    return this.#show(this.typeUrl, this.bytes);
  }

  decode<Desc extends DescMessage>(schema: Desc): MessageShape<Desc> {
    const message = messageIn(this.typeUrl);
    if (message !== schema.typeName) throw new Error(`${this.name} is a ${message}, not a ${schema.typeName}`);
    return fromBinary(schema, this.bytes);
  }
}

// From the year 1 to the end of 9999, what a Timestamp may hold.
const FIRST_SECOND = -62_135_596_800;
const LAST_SECOND = 253_402_300_799;

/** A time outside of what there can be says as little as none. */
function secondsOf({ createTime }: ReceivedMetadata): number | undefined {
  if (createTime === undefined) return undefined;
  const seconds = Number(createTime.seconds);
  return seconds < FIRST_SECOND || seconds > LAST_SECOND ? undefined : seconds + createTime.nanos / 1e9;
}
