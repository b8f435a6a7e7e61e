import { type DescMessage, fromBinary, type JsonObject, type MessageShape } from "@bufbuild/protobuf";
import type { Bodies } from "./bodies.ts";
import type { SinkResource } from "./change.ts";
import type { WireMetadata } from "./message.ts";

/** What a resource is made from: a received one whose body was found to be good. */
export interface ResourceParts {
  readonly collection: string;
  readonly metadata: WireMetadata;
  readonly typeUrl: string;
  readonly bytes: Uint8Array;
  readonly bodies: Bodies;
}

/** A resource as it was received; its body stays bytes until somebody wants to see it. */
export class ReceivedResource implements SinkResource {
  readonly name: string;
  readonly version: string;
  readonly createdAt: number | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly typeUrl: string;
  readonly bytes: Uint8Array;
  readonly #collection: string;
  readonly #bodies: Bodies;

  constructor({ collection, metadata, typeUrl, bytes, bodies }: ResourceParts) {
    this.name = metadata.name;
    this.version = metadata.version;
    this.createdAt = secondsOf(metadata);
    this.labels = metadata.labels;
    this.annotations = metadata.annotations;
    this.typeUrl = typeUrl;
    this.bytes = bytes;
    this.#collection = collection;
    this.#bodies = bodies;
  }

  body(): JsonObject {
    return this.#bodies.toJson(this.#collection, messageNameOf(this.typeUrl), this.bytes);
  }

  decode<Desc extends DescMessage>(schema: Desc): MessageShape<Desc> {
    const message = messageNameOf(this.typeUrl);
    if (message !== schema.typeName) throw new Error(`${this.name} is a ${message}, not a ${schema.typeName}`);
    return fromBinary(schema, this.bytes);
  }
}

/** The message that a type URL names; `undefined` when it names none. */
export function messageIn(typeUrl: string): string | undefined {
  const slash = typeUrl.lastIndexOf("/");
  return slash < 0 ? undefined : typeUrl.slice(slash + 1);
}

function messageNameOf(typeUrl: string): string {
  return messageIn(typeUrl) ?? "";
}

// From the year 1 to the end of 9999, what a Timestamp may hold.
const FIRST_SECOND = -62_135_596_800;
const LAST_SECOND = 253_402_300_799;

/** A time outside of what there can be says as little as none. */
function secondsOf({ createTime }: WireMetadata): number | undefined {
  if (createTime === undefined) return undefined;
  const { seconds } = createTime;
  return seconds < FIRST_SECOND || seconds > LAST_SECOND ? undefined : seconds + createTime.nanos / 1e9;
}
