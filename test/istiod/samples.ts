import { create, type JsonObject, fromJson, toBinary } from "@bufbuild/protobuf";
import { type Any, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { MetadataSchema } from "../../src/wire/gen/current/mcp/v1alpha1/metadata_pb.ts";
import { ResourceSchema } from "../../src/wire/gen/current/mcp/v1alpha1/resource_pb.ts";
import { messageOf, registryFor } from "../../src/wire/registry.ts";
import { WRAPPER_URL } from "./wire.ts";

/** A resource to be sent; what is left out is left out on the wire. */
export interface Sample {
  readonly name: string;
  readonly message: string;
  readonly version?: string;
  readonly createdAt?: Date;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly spec?: JsonObject;
}

/** Wraps a resource as a server would. */
export function wrap({
  name,
  message,
  version = "",
  createdAt,
  labels = {},
  annotations = {},
  spec = {},
}: Sample): Any {
  const desc = messageOf("current", message);
  const value = toBinary(desc, fromJson(desc, spec, { registry: registryFor("current") }));
  const metadata = create(MetadataSchema, {
    name,
    version,
    labels,
    annotations,
    ...(createdAt && { createTime: timestampFromDate(createdAt) }),
  });
  return wrapBytes(
    toBinary(
      ResourceSchema,
      create(ResourceSchema, { metadata, body: { typeUrl: `type.googleapis.com/${message}`, value } }),
    ),
  );
}

/** Says of these bytes that they are a resource. */
export function wrapBytes(value: Uint8Array): Any {
  return { $typeName: "google.protobuf.Any", typeUrl: WRAPPER_URL, value };
}
