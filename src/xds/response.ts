import type { Push } from "../distribution/subscription.ts";
import type { Collection } from "../model/names.ts";
import type { Resource } from "../model/resource.ts";
import type { Delta } from "../snapshot/delta.ts";
import type { Feed } from "../snapshot/feed.ts";
import { XdsFeed } from "./feeds/xds-feed.ts";
import type { Chunk, Table } from "../snapshot/table.ts";
import { bytesField, concat, stringField } from "../wire/fields.ts";
import { partsOf } from "./body.ts";
import type { Payload } from "./payload.ts";
import { RESOURCE_TYPE_URL } from "./protocol.ts";

/** Field numbers of `DiscoveryResponse` and, where they differ, of `DeltaDiscoveryResponse` and its `Resource`. */
const field = { version: 1, resources: 2, typeUrl: 4, nonce: 5, removed: 6 } as const;
const member = { version: 1, resource: 2, name: 3 } as const;

/** The parts of a delta response on both sides of what is different for each sink. */
interface DeltaBody {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
}

/** One content in the pieces that responses are made of. */
interface Encoded {
  readonly table: Table;
  readonly version: Uint8Array;
  /** The resources, chunk by chunk, once a full state has asked for them. */
  chunks: ReadonlyMap<Chunk, Uint8Array> | undefined;
  readonly deltas: WeakMap<Delta, DeltaBody>;
}

/** Contents of one collection that are kept encoded: what clients of different revisions see, each in its newest version. */
const KEPT = 8;

const noBody = new Uint8Array(0);
const wrapperType = stringField(1, RESOURCE_TYPE_URL);

/**
 * Writes pushes as xDS responses. Resources are encoded once for a version of a type and shared by every sink and by every
 * type URL that asks for it; only the URL and the nonce differ. Fields stay in ascending order: the canonical encoding.
 *
 * A full state is one piece a chunk of the table, never joined: what is stuck on its way to a slow sink shares with newer
 * content all that did not change (ADR 0011).
 */
export class ResponseEncoder {
  readonly #kept = new Map<Collection, Encoded[]>();

  /** The pieces of a `DiscoveryResponse`, in order. All but the last are shared: they must not be changed. */
  encodeState(feed: Feed, { nonce, table }: Push): readonly Uint8Array[] {
    const encoded = this.#encodedOf(feed, table);
    encoded.chunks ??= this.#chunksOf(feed, table);
    const last = concat([stringField(field.typeUrl, feed.topic), stringField(field.nonce, nonce)]);
    return [encoded.version, ...encoded.chunks.values(), last];
  }

  /** The pieces of a `DeltaDiscoveryResponse`. @throws Error for a push that is none: the machine makes deltas for delta streams */
  encodeDelta(feed: Feed, push: Push): readonly Uint8Array[] {
    if (push.kind === "full") throw new Error("a delta stream is sent deltas");
    const { deltas, version } = this.#encodedOf(feed, push.table);
    let body = deltas.get(push.delta);
    if (body === undefined) deltas.set(push.delta, (body = deltaBody(version, push.delta, payloadOf(feed))));
    const between = concat([stringField(field.typeUrl, feed.topic), stringField(field.nonce, push.nonce)]);
    return body.tail.length === 0 ? [body.head, between] : [body.head, between, body.tail];
  }

  #encodedOf({ collection }: Feed, table: Table): Encoded {
    let kept = this.#kept.get(collection);
    if (kept === undefined) this.#kept.set(collection, (kept = []));
    const known = kept.find((encoded) => encoded.table === table);
    if (known !== undefined) return known;
    const version = stringField(field.version, table.version);
    const encoded: Encoded = { table, version, chunks: undefined, deltas: new WeakMap() };
    kept.unshift(encoded);
    if (kept.length > KEPT) kept.pop();
    return encoded;
  }

  #chunksOf(feed: Feed, { chunks }: Table): ReadonlyMap<Chunk, Uint8Array> {
    const kept = this.#kept.get(feed.collection) ?? [];
    const payload = payloadOf(feed);
    const known = (chunk: Chunk): Uint8Array | undefined => {
      for (const { chunks } of kept) {
        const bytes = chunks?.get(chunk);
        if (bytes !== undefined) return bytes;
      }
      return undefined;
    };
    return new Map(chunks.map((chunk) => [chunk, known(chunk) ?? stateResources(chunk, payload)]));
  }
}

function payloadOf(feed: Feed): Payload {
  return feed instanceof XdsFeed ? feed.payload : "resource";
}

function stateResources(resources: Chunk, payload: Payload): Uint8Array {
  const { buffer } = concat(resources.flatMap((resource) => bytesField(field.resources, anyOf(resource, payload))));
  // Node makes a `Buffer` of every other array that it is given, for every stream anew.
  return Buffer.from(buffer);
}

function deltaBody(version: Uint8Array, { upserts, removed }: Delta, payload: Payload): DeltaBody {
  const members = upserts.flatMap((resource) =>
    bytesField(
      field.resources,
      concat([
        stringField(member.version, resource.version),
        ...bytesField(member.resource, anyOf(resource, payload)),
        stringField(member.name, resource.name),
      ]),
    ),
  );
  return {
    head: concat([version, ...members]),
    tail: concat(removed.map((name) => stringField(field.removed, name))),
  };
}

/** The `google.protobuf.Any` of a resource. @throws Error for one that today's API can't express: feeds hold none */
function anyOf(resource: Resource, payload: Payload): Uint8Array {
  const { current } = resource;
  if (current === undefined) throw new Error(`${resource.name} can't be expressed over xDS`);
  if (payload === "body") return partsOf(current).body ?? noBody;
  return concat([wrapperType, ...bytesField(2, current)]);
}
