import { fromBinary, type Message } from "@bufbuild/protobuf";
import { type Any, anyUnpack, timestampDate } from "@bufbuild/protobuf/wkt";
import { type Resource, ResourceSchema } from "../../src/wire/gen/current/mcp/v1alpha1/resource_pb.ts";
import { registryFor } from "../../src/wire/registry.ts";
import type { Kind } from "./kinds.ts";
import { WRAPPER_URL } from "./wire.ts";

/** An object as istiod keeps it. */
export interface Config {
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly createTime: Date | undefined;
  readonly spec: Message;
}

/** What istiod makes of one element of an answer; what it drops counts as absent, and nobody hears of it. */
export type Read =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly name: string; readonly reason: DropReason };

export type DropReason =
  | "not a resource"
  | "undecodable resource"
  | "no metadata"
  | "another revision"
  | "name"
  | "no body"
  | "unknown body type"
  | "body of another kind"
  | "undecodable body";

/** Reads one element of an answer for a kind. `revision` is empty where istiod has none. */
export function readConfig(element: Any, kind: Kind, revision: string): Read {
  if (element.typeUrl !== WRAPPER_URL) return dropped("", "not a resource");
  const resource = decodeOr(() => fromBinary(ResourceSchema, element.value));
  if (resource === undefined) return dropped("", "undecodable resource");
  const { metadata, body } = resource;
  if (metadata === undefined) return dropped("", "no metadata");
  const label = metadata.labels["istio.io/rev"];
  if (revision !== "" && label !== undefined && label !== revision) return dropped(metadata.name, "another revision");
  const parts = metadata.name.split("/");
  if (parts.length !== 2) return dropped(metadata.name, "name");
  const spec = readBody(body, kind);
  if (typeof spec === "string") return dropped(metadata.name, spec);
  const [namespace = "", name = ""] = parts;
  return { ok: true, config: { namespace, name, ...metadataOf(metadata), spec } };
}

function metadataOf({
  version,
  labels,
  annotations,
  createTime,
}: NonNullable<Resource["metadata"]>): Pick<Config, "version" | "labels" | "annotations" | "createTime"> {
  return { version, labels, annotations, createTime: createTime && timestampDate(createTime) };
}

function readBody(body: Any | undefined, kind: Kind): Message | DropReason {
  if (body === undefined) return "no body";
  const message = body.typeUrl.slice(body.typeUrl.lastIndexOf("/") + 1);
  const registry = registryFor("current");
  if (registry.getMessage(message) === undefined) return "unknown body type";
  // istiod takes a body of another kind in, and trips over it where it is used: for a source that is as bad.
  if (message !== kind.message) return "body of another kind";
  return decodeOr(() => anyUnpack(body, registry)) ?? "undecodable body";
}

function dropped(name: string, reason: DropReason): Read {
  return { ok: false, name, reason };
}

function decodeOr<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}
