import { type DescMessage, fromBinary, type JsonObject, toJson } from "@bufbuild/protobuf";
import type { CollectionRegistry } from "../../model/collections.ts";
import { type Refusal, refusalCodes } from "../../model/received/refusal.ts";
import { istioCollections } from "../../model/registry.ts";
import { type ApiGeneration, registryFor } from "../../wire/registry.ts";
import { checkWire } from "../../wire/check-wire.ts";

/** What a sink knows of bodies: which ones it takes, and how they look as JSON. */
export interface Bodies {
  /** Why a body is refused; `undefined` for a good one. Must not throw. */
  check(collection: string, messageName: string, bytes: Uint8Array): Refusal | undefined;
  /** The body as proto3 JSON. @throws Error when a part has no form in JSON. */
  toJson(collection: string, messageName: string, bytes: Uint8Array): JsonObject;
}

/**
 * Bodies of Istio's APIs. A body must be the message of its collection and decode; in collections that are not known here
 * it may be any message of either generation.
 */
export function istioBodies(collections: CollectionRegistry = istioCollections()): Bodies {
  function find(collection: string, messageName: string): { desc: DescMessage; generation: ApiGeneration } | undefined {
    const spec = collections.get(collection);
    for (const generation of spec === undefined ? anyGeneration : [spec.mcp]) {
      const desc = registryFor(generation).getMessage(messageName);
      if (desc !== undefined) return { desc, generation };
    }
    return undefined;
  }
  return {
    check(collection, messageName, bytes) {
      const found = find(collection, messageName);
      if (found === undefined) return { code: refusalCodes.unknown, message: `there is no message ${messageName}` };
      const expected = collections.get(collection)?.message;
      if (expected !== undefined && messageName !== expected) {
        return { code: refusalCodes.invalid, message: `the body is a ${messageName}, not a ${expected}` };
      }
      try {
        checkWire(found.desc, bytes);
        return undefined;
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        return { code: refusalCodes.unknown, message: `the body does not decode as ${messageName}: ${why}` };
      }
    },
    toJson(collection, messageName, bytes) {
      const found = find(collection, messageName);
      if (found === undefined) throw new Error(`there is no message ${messageName}`);
      const { desc, generation } = found;
      return toJson(desc, fromBinary(desc, bytes), { registry: registryFor(generation) }) as JsonObject;
    },
  };
}

const anyGeneration: readonly ApiGeneration[] = ["1.3", "current"];
