import { fromBinary, type JsonObject, toJson } from "@bufbuild/protobuf";
import type { CollectionRegistry } from "../../model/collections.ts";
import { registryFor } from "../../wire/registry.ts";
import type { DecodeBody } from "./receive.ts";

/** Decodes bodies with the API generation that MCP sinks of the collection are served. */
export function bodyDecoder(collections: CollectionRegistry): DecodeBody {
  return (collection, messageName, bytes) => {
    const types = registryFor(collections.get(collection)?.mcp ?? "1.3");
    const message = types.getMessage(messageName);
    if (message === undefined) throw new Error(`there is no message ${messageName}`);
    return toJson(message, fromBinary(message, bytes), { registry: types }) as JsonObject;
  };
}
