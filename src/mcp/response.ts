import type { Generation, Resource } from "../model/resource.ts";
import { bytesOf } from "../model/resource.ts";
import type { Collection } from "../model/names.ts";
import type { Push } from "../distribution/subscription.ts";
import type { Delta } from "../snapshot/delta.ts";
import type { Feed } from "../snapshot/feed.ts";
import { SharedBodies } from "../snapshot/shared-bodies.ts";
import type { Chunk, Table } from "../snapshot/table.ts";
import { bytesField, concat, stringField, varintField } from "../wire/fields.ts";

/** Field numbers of `istio.mcp.v1alpha1.Resources`. */
const field = { version: 1, collection: 2, resources: 3, removed: 4, nonce: 5, incremental: 6 } as const;

/**
 * Writes pushes as MCP `Resources` messages. All but the nonce is written once for a (collection, version) or a delta and
 * shared by every sink. Fields stay in ascending order, so the bytes are the canonical encoding.
 */
export class ResponseEncoder {
  readonly #generationOf: (collection: Collection) => Generation;
  readonly #chunks = new Map<Generation, WeakMap<Chunk, Uint8Array>>([
    ["1.3", new WeakMap()],
    ["current", new WeakMap()],
  ]);
  /** An empty table may stand for several collections. */
  readonly #full = new SharedBodies<Table, Collection, Uint8Array>();
  readonly #deltas = new SharedBodies<Delta, Collection, Uint8Array>();

  constructor(generationOf: (collection: Collection) => Generation) {
    this.#generationOf = generationOf;
  }

  /** The pieces of one message, in order. The first is shared: it must not be changed. */
  encode({ collection }: Feed, push: Push): readonly Uint8Array[] {
    const nonce = stringField(field.nonce, push.nonce);
    if (push.kind === "full") {
      return [this.#full.get(push.table, collection, () => this.#fullBody(collection, push.table)), nonce];
    }
    const body = this.#deltas.get(push.delta, collection, () => this.#deltaBody(collection, push.table, push.delta));
    return [body, concat([nonce, varintField(field.incremental, 1)])];
  }

  #fullBody(collection: Collection, table: Table): Uint8Array {
    const generation = this.#generationOf(collection);
    const chunks = table.chunks.map((chunk) => this.#chunkBytes(chunk, generation));
    return concat([...head(collection, table), ...chunks]);
  }

  /** A table that differs in one resource from an earlier one is written by copying the chunks that they share. */
  #chunkBytes(chunk: Chunk, generation: Generation): Uint8Array {
    const known = this.#chunks.get(generation)!;
    let bytes = known.get(chunk);
    if (bytes === undefined) known.set(chunk, (bytes = resourceFields(chunk, generation)));
    return bytes;
  }

  /** What this generation can't express is as good as gone for its sinks. */
  #deltaBody(collection: Collection, table: Table, delta: Delta): Uint8Array {
    const generation = this.#generationOf(collection);
    const unserved = delta.upserts.filter((resource) => bytesOf(resource, generation) === undefined);
    const removed = [...delta.removed, ...unserved.map((resource) => resource.name)].sort();
    return concat([
      ...head(collection, table),
      resourceFields(delta.upserts, generation),
      ...removed.map((name) => stringField(field.removed, name)),
    ]);
  }
}

function head(collection: Collection, table: Table): Uint8Array[] {
  return [stringField(field.version, table.version), stringField(field.collection, collection)];
}

function resourceFields(resources: readonly Resource[], generation: Generation): Uint8Array {
  const fields: Uint8Array[] = [];
  for (const resource of resources) {
    const bytes = bytesOf(resource, generation);
    if (bytes !== undefined) fields.push(...bytesField(field.resources, bytes));
  }
  return concat(fields);
}
