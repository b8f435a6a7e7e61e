import { type DescMessage, fromBinary, type JsonObject, type MessageShape, toJson } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { registryFor } from "../../wire/registry.ts";
import type { XdsResource } from "./change.ts";

/** What a resource is made from: a received one whose body was found to be good. */
export interface ResourceParts {
  readonly name: string;
  readonly version: string;
  readonly createTime: Timestamp | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly typeUrl: string;
  readonly bytes: Uint8Array;
}

/** A resource as it was received; its body stays bytes until somebody wants to see it. */
export class ReceivedResource implements XdsResource {
  readonly name: string;
  readonly version: string;
  readonly createdAt: number | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly typeUrl: string;
  readonly bytes: Uint8Array;

  constructor({ name, version, createTime, labels, annotations, typeUrl, bytes }: ResourceParts) {
    this.name = name;
    this.version = version;
    this.createdAt = secondsOf(createTime);
    this.labels = labels;
    this.annotations = annotations;
    this.typeUrl = typeUrl;
    this.bytes = bytes;
  }

  body(): JsonObject {
    const registry = registryFor("current");
    const desc = registry.getMessage(messageIn(this.typeUrl));
    try {
      if (desc !== undefined) return toJson(desc, fromBinary(desc, this.bytes), { registry }) as JsonObject;
    } catch {
      // Good protobuf may have no form in JSON: an `Any` of something unknown, a number in a Struct that is none.
    }
    return { "@type": this.typeUrl, value: Buffer.from(this.bytes).toString("base64") };
  }

  decode<Desc extends DescMessage>(schema: Desc): MessageShape<Desc> {
    const message = messageIn(this.typeUrl);
    if (message !== schema.typeName) throw new Error(`${this.name} is a ${message}, not a ${schema.typeName}`);
    return fromBinary(schema, this.bytes);
  }
}

/** The message that a type URL names: what stands behind its last slash. */
export function messageIn(typeUrl: string): string {
  return typeUrl.slice(typeUrl.lastIndexOf("/") + 1);
}

// From the year 1 to the end of 9999, what a Timestamp may hold.
const FIRST_SECOND = -62_135_596_800;
const LAST_SECOND = 253_402_300_799;

/** A time outside of what there can be says as little as none. */
function secondsOf(time: Timestamp | undefined): number | undefined {
  if (time === undefined) return undefined;
  const seconds = Number(time.seconds);
  return seconds < FIRST_SECOND || seconds > LAST_SECOND ? undefined : seconds + time.nanos / 1e9;
}
