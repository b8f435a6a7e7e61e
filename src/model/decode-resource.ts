import { type JsonValue, fromBinary, toJson } from "@bufbuild/protobuf";
import { ResourceSchema } from "../wire/gen/istio13/mcp/v1alpha1/resource_pb.ts";
import { registryFor } from "../wire/registry.ts";
import type { Generation } from "./resource.ts";

/** A resource as people read it. */
export interface ReadableResource {
  readonly name: string;
  readonly version: string;
  /** RFC 3339; `undefined` when the creation time is unknown. */
  readonly createTime: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly typeUrl: string;
  /** The body as proto3 JSON; a base64 text when this API generation lacks its message or can't read it. */
  readonly body: JsonValue;
}

/**
 * Reads an encoded `istio.mcp.v1alpha1.Resource`, for display: equal on the wire in both generations but for its body.
 *
 * @throws Error when the bytes are no such message.
 */
export function decodeResource(bytes: Uint8Array, generation: Generation): ReadableResource {
  const { metadata, body } = fromBinary(ResourceSchema, bytes);
  const seconds = Number(metadata?.createTime?.seconds ?? UNKNOWN_SECONDS);
  return {
    name: metadata?.name ?? "",
    version: metadata?.version ?? "",
    createTime: seconds <= UNKNOWN_SECONDS ? undefined : formatTime(seconds, metadata?.createTime?.nanos ?? 0),
    labels: metadata?.labels ?? {},
    annotations: metadata?.annotations ?? {},
    typeUrl: body?.typeUrl ?? "",
    body: readBody(body?.typeUrl ?? "", body?.value ?? new Uint8Array(0), generation),
  };
}

// The first instant of the year 1: Go's zero time.
const UNKNOWN_SECONDS = -62_135_596_800;

function readBody(typeUrl: string, value: Uint8Array, generation: Generation): JsonValue {
  const registry = registryFor(generation);
  const desc = registry.getMessage(typeUrl.slice(typeUrl.lastIndexOf("/") + 1));
  try {
    if (desc !== undefined) return toJson(desc, fromBinary(desc, value), { registry });
  } catch {
    // What can't be read is shown as it is.
  }
  return Buffer.from(value).toString("base64");
}

function formatTime(seconds: number, nanos: number): string {
  const whole = new Date(seconds * 1000);
  if (Number.isNaN(whole.getTime())) return `${seconds}s`;
  const fraction = nanos === 0 ? "" : `.${String(nanos).padStart(9, "0").replace(/0+$/, "")}`;
  return whole.toISOString().replace(/\.\d+Z$/, `${fraction}Z`);
}
