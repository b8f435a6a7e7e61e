import type { Change } from "../../model/received/change.ts";
import { type Refusal, refusalCodes } from "../../model/received/refusal.ts";
import { messageIn, type ReceivedResource, receivedResource, type ShowBody } from "../../model/received/resource.ts";
import type { Bodies } from "./bodies.ts";
import { decodeResources, type WireResource, type WireResources } from "./message.ts";
import type { Wish } from "./subscriptions.ts";

/** What a received message turned out to be. */
export type Received =
  | { readonly kind: "change"; readonly change: Change; readonly nonce: string }
  | {
      readonly kind: "refused";
      readonly message: Pick<WireResources, "collection" | "nonce">;
      readonly refusal: Refusal;
    }
  /** The bytes are no `Resources` at all; there is no nonce to answer. */
  | { readonly kind: "garbage" };

/** The wish for a collection; `undefined` when it was not asked for. */
export type FindWish = (collection: string) => Wish | undefined;

/** Judges a message (docs/sdk.md lists what is refused, and with which code). One bad resource refuses all of it. */
export function receive(bytes: Uint8Array, wish: FindWish, bodies: Bodies): Received {
  const message = decodeResources(bytes);
  if (message === undefined) return { kind: "garbage" };
  const { collection, version, incremental, nonce } = message;
  const wanted = wish(collection);
  if (wanted === undefined) return refuse(message, refusalCodes.unsupported, `unsupported collection ${collection}`);
  if (incremental && !wanted.incremental) {
    return refuse(message, refusalCodes.invalid, "the push is a delta, which was not asked for");
  }
  const show: ShowBody = (typeUrl, body) => bodies.toJson(collection, messageIn(typeUrl), body);
  const resources: ReceivedResource[] = [];
  for (const resource of message.resources) {
    const read = readResource(collection, resource, incremental, bodies, show);
    if (read.ok) resources.push(read.resource);
    else return { kind: "refused", message, refusal: read.refusal };
  }
  // What a full push says is removed is gone by its absence already.
  const removed = incremental ? message.removed : [];
  return { kind: "change", nonce, change: { collection, version, incremental, resources, removed } };
}

function refuse(message: WireResources, code: number, text: string): Received {
  return { kind: "refused", message, refusal: { code, message: text } };
}

type Read =
  | { readonly ok: true; readonly resource: ReceivedResource }
  | { readonly ok: false; readonly refusal: Refusal };

function readResource(
  collection: string,
  { metadata, body }: WireResource,
  isDelta: boolean,
  bodies: Bodies,
  show: ShowBody,
): Read {
  if (metadata === undefined || metadata.name === "") {
    return { ok: false, refusal: { code: refusalCodes.invalid, message: "a resource has no name" } };
  }
  const bad = (code: number, text: string): Read => ({
    ok: false,
    refusal: { code, message: `${metadata.name}: ${text}` },
  });
  if (body === undefined) return bad(refusalCodes.unknown, "the resource has no body");
  const { typeUrl } = body;
  if (!typeUrl.includes("/")) {
    return bad(refusalCodes.unknown, `the body's type URL ${JSON.stringify(typeUrl)} has no slash`);
  }
  const problem = bodies.check(collection, messageIn(typeUrl), body.value);
  if (problem !== undefined) return bad(problem.code, problem.message);
  // A body is a view of its message, which it keeps in memory. Those of a full push live and go together; what a delta
  // brought may outlive all that came with it.
  const bytes = isDelta ? Uint8Array.from(body.value) : body.value;
  return { ok: true, resource: receivedResource(metadata, typeUrl, bytes, show) };
}
