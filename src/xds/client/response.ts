import { fromBinary } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import {
  DeltaDiscoveryResponseSchema,
  DiscoveryResponseSchema,
} from "../../wire/gen/envoy/service/discovery/v3/discovery_pb.ts";

/** The two ways of speaking xDS: every response is all there is of a type, or what changed in it. */
export type XdsMode = "state" | "delta";

/** The `google.protobuf.Any` of an element. */
export type Content = Pick<Any, "typeUrl" | "value">;

/** One element of a response. */
export interface Member {
  /** Empty in a state of the world, where only what is inside tells. */
  readonly name: string;
  /** Empty where the server gives none. */
  readonly version: string;
  /** Missing in a heartbeat, which says that the resource is as it was. */
  readonly content: Content | undefined;
}

/** A decoded `DiscoveryResponse` or `DeltaDiscoveryResponse`; contents are views of its bytes. */
export interface XdsResponse {
  readonly typeUrl: string;
  readonly version: string;
  readonly nonce: string;
  readonly members: readonly Member[];
  /** Empty in a state of the world. */
  readonly removed: readonly string[];
}

/** Decodes a response; `undefined` when the bytes are not one. */
export function decodeResponse(mode: XdsMode, bytes: Uint8Array): XdsResponse | undefined {
  try {
    return mode === "state" ? readState(bytes) : readDelta(bytes);
  } catch {
    return undefined; // the reader throws on truncated and malformed input
  }
}

function readState(bytes: Uint8Array): XdsResponse {
  const { typeUrl, versionInfo, nonce, resources } = fromBinary(DiscoveryResponseSchema, bytes);
  const members = resources.map((content) => ({ name: "", version: "", content }));
  return { typeUrl, version: versionInfo, nonce, members, removed: [] };
}

function readDelta(bytes: Uint8Array): XdsResponse {
  const response = fromBinary(DeltaDiscoveryResponseSchema, bytes);
  const { typeUrl, systemVersionInfo, nonce, removedResources } = response;
  const members = response.resources.map(({ name, version, resource }) => ({ name, version, content: resource }));
  return { typeUrl, version: systemVersionInfo, nonce, members, removed: removedResources };
}
