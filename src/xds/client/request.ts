import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { Refusal } from "../../model/received/refusal.ts";
import type { NodeSchema } from "../../wire/gen/envoy/config/core/v3/base_pb.ts";
import {
  DeltaDiscoveryRequestSchema,
  DiscoveryRequestSchema,
} from "../../wire/gen/envoy/service/discovery/v3/discovery_pb.ts";
import type { XdsMode } from "./response.ts";

/** How a client names itself to servers; not authenticated. */
export interface XdsNode {
  readonly id: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** One request: it asks (`held`, and nothing that it answers), acknowledges, or refuses (`error`). */
export interface XdsRequest {
  readonly typeUrl: string;
  /** Only where the server is to be told: on the first request of a stream. */
  readonly node: XdsNode | undefined;
  /** The version that was last taken in; empty before. Servers of deltas are not told. */
  readonly version: string;
  /** Of the response that is answered. */
  readonly nonce: string;
  /** Names and versions that a client of deltas holds as a stream begins. */
  readonly held: ReadonlyMap<string, string>;
  readonly error: Refusal | undefined;
}

/** The request as a `DiscoveryRequest` or a `DeltaDiscoveryRequest`. It names no resources, which means all of them. */
export function encodeRequest(mode: XdsMode, request: XdsRequest): Uint8Array {
  const { typeUrl, node, version, nonce, held, error } = request;
  const common = {
    typeUrl,
    responseNonce: nonce,
    ...(node === undefined ? {} : { node: encodable(node) }),
    ...(error === undefined ? {} : { errorDetail: { code: error.code, message: error.message } }),
  };
  return mode === "state"
    ? toBinary(DiscoveryRequestSchema, create(DiscoveryRequestSchema, { ...common, versionInfo: version }))
    : toBinary(
        DeltaDiscoveryRequestSchema,
        create(DeltaDiscoveryRequestSchema, { ...common, initialResourceVersions: Object.fromEntries(held) }),
      );
}

function encodable({ id, metadata }: XdsNode): MessageInitShape<typeof NodeSchema> {
  return { id, ...(Object.keys(metadata).length > 0 && { metadata: { ...metadata } }) };
}
