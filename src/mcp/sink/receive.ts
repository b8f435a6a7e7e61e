import { fromBinary, type JsonObject } from "@bufbuild/protobuf";
import type { Resource as WireResource } from "../../wire/gen/istio13/mcp/v1alpha1/resource_pb.ts";
import { type Resources, ResourcesSchema } from "../../wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import type { Change, SinkResource } from "./change.ts";
import type { Refusal } from "./subscriptions.ts";

/** Decodes a body to proto3 JSON; throws when there is no such message or the bytes are not one. */
export type DecodeBody = (collection: string, messageName: string, bytes: Uint8Array) => JsonObject;

/** What a received message turned out to be. */
export type Received =
  | { readonly kind: "change"; readonly change: Change; readonly nonce: string }
  | { readonly kind: "refused"; readonly message: Pick<Resources, "collection" | "nonce">; readonly refusal: Refusal }
  /** The bytes are no `Resources` at all; there is no nonce to answer. */
  | { readonly kind: "garbage" };

const UNKNOWN = 2;
const INVALID_ARGUMENT = 3;
const UNIMPLEMENTED = 12;

/** Judges a message as docs/spec says: wrong collection 12, undecodable body 2, no metadata 3; one bad resource refuses all. */
export function receive(bytes: Uint8Array, wanted: (collection: string) => boolean, decode: DecodeBody): Received {
  let message: Resources;
  try {
    message = fromBinary(ResourcesSchema, bytes);
  } catch {
    return { kind: "garbage" };
  }
  const refuse = (code: number, text: string): Received => ({
    kind: "refused",
    message,
    refusal: { code, message: text },
  });
  if (!wanted(message.collection)) return refuse(UNIMPLEMENTED, `unsupported collection ${message.collection}`);
  const resources: SinkResource[] = [];
  for (const resource of message.resources) {
    if (resource.metadata === undefined) return refuse(INVALID_ARGUMENT, "a resource has no metadata");
    const body = bodyOf(message.collection, resource, decode);
    if (typeof body === "string") return refuse(UNKNOWN, `${resource.metadata.name}: ${body}`);
    resources.push(body);
  }
  const { collection, systemVersionInfo: version, incremental, nonce } = message;
  const removed = incremental ? message.removedResources : [];
  return { kind: "change", nonce, change: { collection, version, incremental, resources, removed } };
}

/** The resource for applications, its body proven to decode; or what is wrong with it. */
function bodyOf(collection: string, { metadata, body }: WireResource, decode: DecodeBody): SinkResource | string {
  if (body === undefined) return "the resource has no body";
  const slash = body.typeUrl.lastIndexOf("/");
  if (slash < 0) return `the body's type URL ${JSON.stringify(body.typeUrl)} has no slash`;
  const messageName = body.typeUrl.slice(slash + 1);
  try {
    decode(collection, messageName, body.value);
  } catch (error) {
    return `the body does not decode as ${messageName}: ${error instanceof Error ? error.message : String(error)}`;
  }
  const { name, version, createTime, labels, annotations } = metadata!;
  return {
    name,
    version,
    createdAt: createTime === undefined ? undefined : Number(createTime.seconds) + createTime.nanos / 1e9,
    labels,
    annotations,
    typeUrl: body.typeUrl,
    bytes: body.value,
    body: () => decode(collection, messageName, body.value),
  };
}
