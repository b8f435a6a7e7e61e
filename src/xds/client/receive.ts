import type { CollectionRegistry } from "../../model/collections.ts";
import type { XdsChange } from "../../model/received/change.ts";
import { type Refusal, refusalOf } from "../../model/received/refusal.ts";
import { messageIn, type ReceivedResource } from "../../model/received/resource.ts";
import { readTypeUrl } from "../type-url.ts";
import { readMember } from "./read-member.ts";
import { decodeResponse, type Member, type XdsMode } from "./response.ts";

/** What a received message turned out to be. */
export type Received =
  | { readonly kind: "change"; readonly change: XdsChange; readonly nonce: string }
  /** To be answered with a NACK; nothing of it is taken in. */
  | { readonly kind: "refused"; readonly typeUrl: string; readonly nonce: string; readonly refusal: Refusal }
  /** Of a type that was not asked for: not to be answered, as that would ask for it. */
  | { readonly kind: "unasked"; readonly typeUrl: string }
  /** The bytes are no response at all; there is no nonce to answer. */
  | { readonly kind: "garbage" };

/** What is known of a type that was asked for. */
interface AskedType {
  /** Whether the next response of deltas adds to what is held; else it is all there is. */
  readonly resumes: boolean;
  readonly held: ReadonlyMap<string, string>;
}

export interface ReceiveOptions {
  readonly mode: XdsMode;
  /** Tells what messages the types hold that are known here. */
  readonly collections: CollectionRegistry;
  /** `undefined` for a type that was not asked for. */
  readonly asked: (typeUrl: string) => AskedType | undefined;
}

/** Judges a message. One bad resource refuses all of it. */
export function receive(bytes: Uint8Array, { mode, collections, asked }: ReceiveOptions): Received {
  const response = decodeResponse(mode, bytes);
  if (response === undefined) return { kind: "garbage" };
  const { typeUrl, version, nonce, members, removed } = response;
  const type = asked(typeUrl);
  if (type === undefined) return { kind: "unasked", typeUrl };
  const expected = expectedMessage(typeUrl, collections);
  const resources: ReceivedResource[] = [];
  for (const [index, member] of members.entries()) {
    if (isHeartbeat(member, type)) continue;
    const read = readMember(member, expected, index + 1);
    if (read.ok) resources.push(read.resource);
    else return { kind: "refused", typeUrl, nonce, refusal: refusalOf(read.problem) };
  }
  const incremental = mode === "delta" && type.resumes;
  return { kind: "change", nonce, change: { typeUrl, version, incremental, resources, removed } };
}

/** The message that resources of a type hold; `undefined` where nothing is known of it. */
function expectedMessage(typeUrl: string, collections: CollectionRegistry): string | undefined {
  const meaning = readTypeUrl(typeUrl, collections);
  if (meaning.kind !== "unknown") return meaning.spec.message;
  // Envoy's own types are named by their message.
  return typeUrl.startsWith("type.googleapis.com/") ? messageIn(typeUrl) : undefined;
}

/** A delta may say of a resource that it is as it was, without sending it, to prolong its life. */
function isHeartbeat({ name, version, content }: Member, { resumes, held }: AskedType): boolean {
  return content === undefined && resumes && held.get(name) === version && held.has(name);
}
