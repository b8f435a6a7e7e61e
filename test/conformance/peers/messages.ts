import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type RequestResources,
  RequestResourcesSchema,
  type Resources,
  ResourcesSchema,
} from "../../../src/wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import { GatewaySchema } from "../../../src/wire/gen/istio13/networking/v1alpha3/gateway_pb.ts";

export const GATEWAYS = "istio/networking/v1alpha3/gateways";
export const SERVICES = "istio/networking/v1alpha3/virtualservices";
export const ENTRIES = "istio/networking/v1alpha3/serviceentries";

type ResourcesInit = MessageInitShape<typeof ResourcesSchema>;

/** One resource of a push; a Gateway unless its body is given. */
export function gateway(
  name: string,
  version: string,
  body: MessageInitShape<typeof GatewaySchema> = { selector: { istio: name } },
): NonNullable<ResourcesInit["resources"]>[number] {
  const value = toBinary(GatewaySchema, create(GatewaySchema, body));
  return {
    metadata: { name, version },
    body: { typeUrl: "type.googleapis.com/istio.networking.v1alpha3.Gateway", value },
  };
}

export function push(resources: ResourcesInit): Uint8Array {
  return toBinary(ResourcesSchema, create(ResourcesSchema, resources));
}

export function request(init: MessageInitShape<typeof RequestResourcesSchema>): Uint8Array {
  return toBinary(RequestResourcesSchema, create(RequestResourcesSchema, init));
}

export function readRequest(bytes: Uint8Array): RequestResources {
  return fromBinary(RequestResourcesSchema, bytes);
}

export function readPush(bytes: Uint8Array): Resources {
  return fromBinary(ResourcesSchema, bytes);
}
