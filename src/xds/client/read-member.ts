import { create, fromBinary } from "@bufbuild/protobuf";
import { contentHash } from "../../lib/hash.ts";
import { messageIn, type ReceivedResource, receivedResource } from "../../model/received/resource.ts";
import { checkWire } from "../../wire/check-wire.ts";
import { type Metadata, MetadataSchema } from "../../wire/gen/current/mcp/v1alpha1/metadata_pb.ts";
import { ResourceSchema as WrapperSchema } from "../../wire/gen/current/mcp/v1alpha1/resource_pb.ts";
import { ResourceSchema as TimedSchema } from "../../wire/gen/envoy/service/discovery/v3/discovery_pb.ts";
import { registryFor } from "../../wire/registry.ts";
import { nameIn } from "../body.ts";
import type { Content, Member } from "./response.ts";
import { showBody } from "./show-body.ts";

/** What became of one element of a response: a resource, or why there is none, for people. */
export type ReadMember =
  | { readonly ok: true; readonly resource: ReceivedResource }
  | { readonly ok: false; readonly problem: string };

/** What MCP over xDS wraps resources in. */
const WRAPPER = WrapperSchema.typeName;

/** What xDS may wrap those of a state of the world in, to give them a time to live. */
const TIMED = TimedSchema.typeName;

/**
 * Reads one element of a response.
 * @param expected the message that its body must be; any will do without it, and one that is not known here is taken as it is
 * @param ordinal which element of the response it is, from 1: for names where there is no other
 */
export function readMember(member: Member, expected: string | undefined, ordinal: number): ReadMember {
  let subject = member.name || `element ${ordinal}`;
  try {
    const { name, version, content } = untimed(member);
    if (content === undefined) throw new Error("it is missing");
    const { metadata, body } = messageIn(content.typeUrl) === WRAPPER ? unwrapped(content) : bare(content, name);
    if (metadata.name !== "") subject = metadata.name;
    if (name !== "" && metadata.name !== name) throw new Error(`it is sent under the name ${JSON.stringify(name)}`);
    if (body === undefined) throw new Error("it has no body");
    check(body, expected);
    const { labels, annotations, createTime } = metadata;
    const told = {
      name: metadata.name || unnamed(body, ordinal),
      version: version || metadata.version || contentHash(content.value),
      createTime,
      labels,
      annotations,
    };
    // A copy: what is held must not keep in memory the whole response, of which it is a part.
    const bytes = Uint8Array.from(body.value);
    return { ok: true, resource: receivedResource(told, body.typeUrl, bytes, showBody) };
  } catch (error) {
    return { ok: false, problem: `${subject}: ${error instanceof Error ? error.message : String(error)}` };
  }
}

interface Parts {
  readonly metadata: Pick<Metadata, "name" | "version" | "labels" | "annotations" | "createTime">;
  readonly body: Content | undefined;
}

function untimed(member: Member): Member {
  const { content } = member;
  if (content === undefined || messageIn(content.typeUrl) !== TIMED) return member;
  const { name, version, resource } = decoded(TIMED, () => fromBinary(TimedSchema, content.value));
  return { name, version, content: resource };
}

/** @throws Error when it is no resource with a name */
function unwrapped({ value }: Content): Parts {
  const { metadata, body } = decoded(WRAPPER, () => fromBinary(WrapperSchema, value));
  if (metadata === undefined || metadata.name === "") throw new Error("it has no name");
  return { metadata, body };
}

function bare(content: Content, name: string): Parts {
  return { metadata: { ...create(MetadataSchema), name: name || nameOfBare(content) }, body: content };
}

/** Envoy's own messages begin with their name; Istio's have none. */
function nameOfBare({ typeUrl, value }: Content): string {
  if (registryFor("current").getMessage(messageIn(typeUrl)) !== undefined) return "";
  try {
    const name = nameIn(value);
    return READABLE.test(name) ? name : "";
  } catch {
    return ""; // a message that begins otherwise
  }
}

/** What nobody would mistake for the bytes of something else. */
const READABLE = /^[^\p{C}\uFFFD]{1,500}$/u;

function unnamed({ typeUrl }: Content, ordinal: number): string {
  const message = messageIn(typeUrl);
  return `${message.slice(message.lastIndexOf(".") + 1)}${ordinal === 1 ? "" : `#${ordinal}`}`;
}

/** @throws Error when the body is another message, or does not decode */
function check(body: Content, expected: string | undefined): void {
  const message = messageIn(body.typeUrl);
  if (message === "") throw new Error("its body is of no type");
  if (expected !== undefined && message !== expected) throw new Error(`its body is ${message}, not ${expected}`);
  const desc = registryFor("current").getMessage(message);
  if (desc !== undefined) decoded(message, () => checkWire(desc, body.value));
}

function decoded<T>(message: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`it does not decode as ${message}: ${why}`, { cause: error });
  }
}
