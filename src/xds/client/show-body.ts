import { fromBinary, type JsonObject, toJson } from "@bufbuild/protobuf";
import { messageIn } from "../../model/received/resource.ts";
import { registryFor } from "../../wire/registry.ts";

/** A body as proto3 JSON; what has no form in JSON, such as a message that is not known here, with its bytes in base64. */
export function showBody(typeUrl: string, bytes: Uint8Array): JsonObject {
  const registry = registryFor("current");
  const desc = registry.getMessage(messageIn(typeUrl));
  try {
    if (desc !== undefined) return toJson(desc, fromBinary(desc, bytes), { registry }) as JsonObject;
  } catch {
    // Good protobuf may have no form in JSON: an `Any` of something unknown, a number in a Struct that is none.
  }
  return { "@type": typeUrl, value: Buffer.from(bytes).toString("base64") };
}
