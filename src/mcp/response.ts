import type { Generation, Resource } from "../model/resource.ts";
import { bytesOf } from "../model/resource.ts";
import type { Collection } from "../model/names.ts";
import type { Nonce, Push } from "../distribution/subscription.ts";
import type { Delta } from "../snapshot/delta.ts";
import type { Feed } from "../snapshot/feed.ts";
import type { Chunk, Table } from "../snapshot/table.ts";
import { bytesFields, concat, stringField, varintField } from "../wire/fields.ts";

/** Field numbers of `istio.mcp.v1alpha1.Resources`. */
const field = { version: 1, collection: 2, resources: 3, removed: 4, nonce: 5, incremental: 6 } as const;

/** The newest content of a collection in the pieces that pushes are made of. */
interface Encoded {
  readonly table: Table;
  readonly head: Uint8Array;
  /** The resources, chunk by chunk, once a full push has asked for them. */
  chunks: ReadonlyMap<Chunk, Uint8Array> | undefined;
  full: Message | undefined;
  readonly deltas: WeakMap<Delta, Message>;
}

/**
 * A push but for its nonce, and the whole of it for the nonce that was asked for last: streams that were opened between the same
 * two changes stand next to each other in the queue and count alike, so for most of them the message is the very same.
 */
class Message {
  readonly #start: readonly Uint8Array[];
  readonly #end: Uint8Array;
  #nonce: Nonce | undefined;
  #pieces: readonly Uint8Array[] = [];

  constructor(start: readonly Uint8Array[], end: Uint8Array) {
    this.#start = start;
    this.#end = end;
  }

  /** The pieces of the message under this nonce; the same array while it is the same nonce. */
  under(nonce: Nonce): readonly Uint8Array[] {
    if (nonce !== this.#nonce) {
      this.#nonce = nonce;
      this.#pieces = [...this.#start, concat([stringField(field.nonce, nonce), this.#end])];
    }
    return this.#pieces;
  }
}

const noFields = new Uint8Array(0);
const isIncremental = varintField(field.incremental, 1);

/**
 * Writes pushes as MCP `Resources` messages. All but the nonce is written once for a (collection, version) or a delta and
 * shared by every sink. Fields stay in ascending order, so the bytes are the canonical encoding.
 *
 * A full push is one piece a chunk of the table, never joined: a version that differs in one resource from the one before
 * shares all pieces but one with it, and so does a push of the older version that is stuck on its way to a slow sink.
 * Nothing is kept here but the newest version.
 */
export class ResponseEncoder {
  readonly #generationOf: (collection: Collection) => Generation;
  readonly #newest = new Map<Collection, Encoded>();

  constructor(generationOf: (collection: Collection) => Generation) {
    this.#generationOf = generationOf;
  }

  /** The pieces of one message, in order. They are shared, as is the array: neither must be changed. */
  encode({ collection }: Feed, push: Push): readonly Uint8Array[] {
    const encoded = this.#encodedOf(collection, push.table);
    if (push.kind === "full") return (encoded.full ??= this.#full(collection, encoded)).under(push.nonce);
    let message = encoded.deltas.get(push.delta);
    if (message === undefined) {
      message = new Message([this.#delta(collection, encoded.head, push.delta)], isIncremental);
      encoded.deltas.set(push.delta, message);
    }
    return message.under(push.nonce);
  }

  #encodedOf(collection: Collection, table: Table): Encoded {
    const known = this.#newest.get(collection);
    if (known?.table === table) return known;
    const encoded = {
      table,
      head: head(collection, table),
      chunks: known?.chunks,
      full: undefined,
      deltas: new WeakMap(),
    };
    this.#newest.set(collection, encoded);
    return encoded;
  }

  /** What the version before has encoded is taken over as far as it is still there. */
  #full(collection: Collection, encoded: Encoded): Message {
    const generation = this.#generationOf(collection);
    const { chunks: known } = encoded;
    const chunks = new Map<Chunk, Uint8Array>();
    for (const chunk of encoded.table.chunks) chunks.set(chunk, known?.get(chunk) ?? resourceFields(chunk, generation));
    encoded.chunks = chunks;
    return new Message([encoded.head, ...chunks.values()], noFields);
  }

  /** What this generation can't express is as good as gone for its sinks. */
  #delta(collection: Collection, start: Uint8Array, delta: Delta): Uint8Array {
    const generation = this.#generationOf(collection);
    const unserved = delta.upserts.filter((resource) => bytesOf(resource, generation) === undefined);
    const removed = [...delta.removed, ...unserved.map((resource) => resource.name)].sort();
    return concat([
      start,
      resourceFields(delta.upserts, generation),
      ...removed.map((name) => stringField(field.removed, name)),
    ]);
  }
}

function head(collection: Collection, table: Table): Uint8Array {
  return concat([stringField(field.version, table.version), stringField(field.collection, collection)]);
}

function resourceFields(resources: readonly Resource[], generation: Generation): Uint8Array {
  const bodies = resources.map((resource) => bytesOf(resource, generation)).filter((bytes) => bytes !== undefined);
  const { buffer } = bytesFields(field.resources, bodies);
  // Node makes a `Buffer` of every other array that it is given, for every stream anew.
  return Buffer.from(buffer);
}
