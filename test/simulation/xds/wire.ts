import { create, equals, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import type { Request } from "../../../src/distribution/subscription.ts";
import { ResourceSchema } from "../../../src/wire/gen/current/mcp/v1alpha1/resource_pb.ts";
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
  DiscoveryRequestSchema,
  DiscoveryResponseSchema,
} from "../../../src/wire/gen/envoy/service/discovery/v3/discovery_pb.ts";
import type { PlainPush, Wish } from "../../property/interests/wish.ts";
import { modernForm } from "../pool.ts";
import { kindOf } from "./kinds.ts";
import { isTranslated, type Translations } from "./translations.ts";

/** How a client speaks. */
export type Speech = "state" | "delta";

/** What a request says besides what it means. */
export interface Wording {
  readonly typeUrl: string;
  /** Metadata of the node, where the request says who asks. */
  readonly node: Readonly<Record<string, string>> | undefined;
  /** A nonce that the client makes up for a first request, as istiod does. */
  readonly madeUp: string;
}

/** A response, decoded. */
export interface Response {
  readonly typeUrl: string;
  /** The version of what is wanted, as a whole. */
  readonly version: string;
  readonly push: PlainPush;
  /** What is wrong with it by itself. */
  readonly faults: readonly string[];
}

type Sent = Pick<Translations, "sent">;

const RESOURCE_TYPE = "type.googleapis.com/istio.mcp.v1alpha1.Resource";
const errorDetail = { code: 3, message: "refused" };

/** The bytes of a request, written by the generated code. */
export function encode(speech: Speech, request: Request, wording: Wording, translations: Sent): Uint8Array {
  return speech === "state" ? encodeState(request, wording) : encodeDelta(request, wording, translations);
}

function encodeState(request: Request, { typeUrl, node, madeUp }: Wording): Uint8Array {
  const wish = request.kind === "subscribe" ? request.interest : wishIn(request);
  const init = {
    typeUrl,
    resourceNames: wish.all ? [] : [...wish.names],
    responseNonce: nonceOf(request, madeUp),
    ...(node && { node: nodeOf(node) }),
    ...(request.kind === "nack" && { errorDetail }),
  };
  return toBinary(DiscoveryRequestSchema, create(DiscoveryRequestSchema, init));
}

function wishIn(request: Request): Wish {
  if (!("change" in request) || request.change?.kind !== "set") throw new Error("the state of the world comes in sets");
  return request.change.interest;
}

function encodeDelta(request: Request, { typeUrl, node, madeUp }: Wording, translations: Sent): Uint8Array {
  const edit = editIn(request);
  const init = {
    typeUrl,
    resourceNamesSubscribe: edit.add,
    resourceNamesUnsubscribe: edit.drop,
    responseNonce: nonceOf(request, madeUp),
    initialResourceVersions: request.kind === "subscribe" ? keptIn(request.held, translations) : {},
    ...(node && { node: nodeOf(node) }),
    ...(request.kind === "nack" && { errorDetail }),
  };
  return toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, init));
}

function editIn(request: Request): { add: string[]; drop: string[] } {
  if (request.kind === "subscribe") {
    const { all, names } = request.interest;
    // Without names everything is meant.
    return { add: all && names.size > 0 ? ["*", ...names] : [...names], drop: [] };
  }
  const change = request.change;
  if (change === undefined) return { add: [], drop: [] };
  if (change.kind === "set") throw new Error("deltas come in edits");
  const list = ({ all, names }: Wish): string[] => [...(all ? ["*"] : []), ...names];
  return { add: list(change.add), drop: list(change.drop) };
}

function keptIn(held: Extract<Request, { kind: "subscribe" }>["held"], translations: Sent): Record<string, string> {
  if (!(held instanceof Map)) return {};
  return Object.fromEntries([...(held as Map<string, string>)].map(([name, v]) => [name, translations.sent(name, v)]));
}

function nonceOf(request: Request, madeUp: string): string {
  if (request.kind === "subscribe") return madeUp;
  return request.kind === "adjust" ? "" : request.nonce;
}

function nodeOf(metadata: Readonly<Record<string, string>>): { id: string; metadata: Record<string, string> } {
  return { id: "client", metadata: { ...metadata } };
}

/** Reads a response, and looks whether it is right by itself: resources that are what they say, in order, without repetition. */
export function decode(speech: Speech, bytes: Uint8Array, translations: Translations): Response {
  const faults: string[] = [];
  const members = new Map<string, string>();
  const note = (typeUrl: string, any: Any | undefined): { readonly name: string; readonly version: string } => {
    const [name, version, fault] = read(typeUrl, any, translations);
    if (fault !== undefined) faults.push(`${name}@${version} ${fault}`);
    if (members.has(name)) faults.push(`${name} comes twice`);
    members.set(name, version);
    return { name, version };
  };
  if (speech === "state") {
    const { typeUrl, versionInfo, nonce, resources } = fromBinary(DiscoveryResponseSchema, bytes);
    for (const any of resources) note(typeUrl, any);
    return { typeUrl, version: versionInfo, faults, push: { kind: "full", nonce, upserts: members, removed: [] } };
  }
  const message = fromBinary(DeltaDiscoveryResponseSchema, bytes);
  const { typeUrl, nonce, systemVersionInfo, removedResources: removed } = message;
  for (const member of message.resources) {
    const inner = note(typeUrl, member.resource);
    if (member.name !== inner.name) faults.push(`${inner.name} is called ${member.name}`);
    if (member.version !== translations.sent(inner.name, inner.version)) {
      faults.push(`${inner.name} is said to be of version ${member.version}`);
    }
  }
  for (const name of removed) if (members.has(name)) faults.push(`${name} comes and goes`);
  for (const names of [[...members.keys()], removed]) {
    if (names.join() !== [...new Set(names)].sort().join()) faults.push(`${names.join()} is not in order`);
  }
  return { typeUrl, version: systemVersionInfo, faults, push: { kind: "delta", nonce, upserts: members, removed } };
}

/** Name and version of a resource, and what is wrong with it. */
function read(
  typeUrl: string,
  any: Any | undefined,
  translations: Translations,
): readonly [name: string, version: string, fault: string | undefined] {
  if (any?.typeUrl !== RESOURCE_TYPE) return ["?", "?", `is a ${any?.typeUrl}`];
  const { metadata, body } = fromBinary(ResourceSchema, any.value);
  const { name = "", version = "" } = metadata ?? {};
  const [collection] = kindOf(typeUrl).collections;
  if (body === undefined || collection === undefined) return [name, version, "is nothing that there is"];
  if (isTranslated(name)) {
    const meant = translations.learn(name, version, body);
    return meant === undefined ? [name, version, "is not what its plugin says"] : [name, meant, undefined];
  }
  try {
    const { wire } = modernForm(collection, name, version);
    const isSame = wire?.body !== undefined && equals(AnySchema, wire.body, body);
    return [name, version, isSame ? undefined : "has a body that is not its own"];
  } catch {
    return [name, version, "is no version that there is"];
  }
}
