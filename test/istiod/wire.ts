import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type DiscoveryRequest,
  DiscoveryRequestSchema,
  type DiscoveryResponse,
  DiscoveryResponseSchema,
} from "../../src/wire/gen/envoy/service/discovery/v3/discovery_pb.ts";

/** The method that istiod calls. */
export const STATE_OF_THE_WORLD = "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources";

/** The type under which resources are wrapped. */
export const WRAPPER_URL = "type.googleapis.com/istio.mcp.v1alpha1.Resource";

export function writeRequest(request: MessageInitShape<typeof DiscoveryRequestSchema>): Uint8Array {
  return toBinary(DiscoveryRequestSchema, create(DiscoveryRequestSchema, request));
}

export function readRequest(bytes: Uint8Array): DiscoveryRequest {
  return fromBinary(DiscoveryRequestSchema, bytes);
}

export function writeResponse(response: MessageInitShape<typeof DiscoveryResponseSchema>): Uint8Array {
  return toBinary(DiscoveryResponseSchema, create(DiscoveryResponseSchema, response));
}

export function readResponse(bytes: Uint8Array): DiscoveryResponse {
  return fromBinary(DiscoveryResponseSchema, bytes);
}
