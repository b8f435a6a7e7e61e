import type { Collection, CollectionVersion, ResourceName } from "../model/names.ts";
import { deltaTo } from "../snapshot/delta.ts";
import type { Snapshot } from "../snapshot/hub.ts";
import { Table } from "../snapshot/table.ts";

/** A snapshot as it goes out. */
export interface Published {
  /** Wall clock milliseconds. */
  readonly at: number;
  /** `undefined` for the first one. */
  readonly before: Snapshot | undefined;
  readonly after: Snapshot;
  /** The collections whose version changed. */
  readonly changed: readonly Collection[];
}

/** A resource that a change is about. */
interface NamedChange {
  readonly name: ResourceName;
  readonly change: "added" | "updated" | "deleted";
}

/** What a snapshot changed in one collection. */
export interface CollectionChange {
  readonly collection: Collection;
  readonly before: CollectionVersion;
  readonly after: CollectionVersion;
  readonly added: number;
  readonly updated: number;
  readonly deleted: number;
  /** At most ten of the resources meant, deleted ones first: they are seen nowhere else any more. */
  readonly names: readonly NamedChange[];
}

/** What a snapshot changed. */
export interface LoggedChange {
  /** Counts from 1. */
  readonly id: number;
  /** Wall clock milliseconds. */
  readonly at: number;
  /** In the order of their names. */
  readonly collections: readonly CollectionChange[];
}

export interface ChangeLogLimits {
  readonly entries: number;
  /** Bytes that the entries may take, as far as they can be told. */
  readonly bytes: number;
}

const defaultLimits: ChangeLogLimits = { entries: 1_000, bytes: 1_048_576 };
const MAX_NAMES = 10;

// Measured with Node 20 and rounded up: objects, arrays and versions, without the text of names.
const ENTRY_BYTES = 350;
const COLLECTION_BYTES = 400;
const NAME_BYTES = 60;

/** The last published snapshots and what each of them changed, within bounds: the oldest are forgotten first. */
export class ChangeLog {
  readonly #limits: ChangeLogLimits;
  readonly #entries: { readonly change: LoggedChange; readonly bytes: number }[] = [];
  #bytes = 0;
  #lastId = 0;

  constructor(limits: ChangeLogLimits = defaultLimits) {
    this.#limits = limits;
  }

  /** Those that are still known, oldest first. */
  get changes(): readonly LoggedChange[] {
    return this.#entries.map(({ change }) => change);
  }

  /**
   * Takes in a snapshot. Costs O(changed): the deltas that it counts are those that sinks are sent. A snapshot that changes
   * nothing leaves no entry.
   */
  record({ at, before, after, changed }: Published): void {
    const collections = [...changed].sort().flatMap((collection) => {
      const [from, to] = [before?.get(collection) ?? Table.empty, after.get(collection) ?? Table.empty];
      return from.version === to.version ? [] : [compare(collection, from, to)];
    });
    if (collections.length === 0) return;
    const bytes = collections.reduce((sum, { names }) => sum + COLLECTION_BYTES + bytesOf(names), ENTRY_BYTES);
    this.#entries.push({ change: { id: ++this.#lastId, at, collections }, bytes });
    this.#bytes += bytes;
    while (this.#entries.length > this.#limits.entries || this.#bytes > this.#limits.bytes) {
      this.#bytes -= this.#entries.shift()!.bytes;
    }
  }
}

function compare(collection: Collection, from: Table, to: Table): CollectionChange {
  const { upserts, removed } = from.size === 0 ? { upserts: to, removed: [] } : deltaTo(from, to);
  const names: NamedChange[] = [];
  for (const name of removed.slice(0, MAX_NAMES)) names.push({ name, change: "deleted" });
  for (const { name } of upserts) {
    if (names.length === MAX_NAMES) break;
    names.push({ name, change: from.get(name) === undefined ? "added" : "updated" });
  }
  // Counted without a look at each: what there is more of now, and what made up for the deleted, was added.
  const added = to.size - from.size + removed.length;
  const upserted = upserts instanceof Table ? upserts.size : upserts.length;
  return {
    collection,
    before: from.version,
    after: to.version,
    added,
    updated: upserted - added,
    deleted: removed.length,
    names,
  };
}

function bytesOf(names: readonly NamedChange[]): number {
  return names.reduce((sum, { name }) => sum + NAME_BYTES + 2 * name.length, 0);
}
