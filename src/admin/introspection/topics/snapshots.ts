import type { JsonObject } from "../json.ts";
import { listingOf, lowestIndex } from "../listing.ts";
import type { Entry, Listing } from "../listing.ts";
import { quote } from "../query.ts";
import { badRequest, list, notFound, value } from "../topic.ts";
import type { ReadAnswer, Topic } from "../topic.ts";

/** A resource, as far as a list shows it. */
interface ResourceView {
  readonly name: string;
  readonly version: string;
}

/** One collection as it is published. */
export interface TableView {
  readonly size: number;
  readonly version: string;
  /** The resources in the order of their names, cut into chunks of which none is empty. */
  readonly chunks: readonly (readonly ResourceView[])[];
}

/** What is published now, by snapshot group. */
export type SnapshotsView = () => Iterable<
  readonly [group: string, collections: Iterable<readonly [string, TableView]>]
>;

/** Every group with its collections, their versions and sizes. */
export function snapshotsTopic(snapshots: SnapshotsView): Topic {
  return {
    name: "snapshots",
    summary: "What is published: the version of each collection and how many resources it has, by snapshot group.",
    read() {
      const groups = [...snapshots()].map(([group, collections]) => ({
        group,
        collections: sorted(collections).map(([collection, { version, size }]) => ({
          collection,
          version,
          count: size,
        })),
      }));
      return value({ groups });
    },
  };
}

/** The collections, and the resources of one of them. */
export function collectionsTopic(snapshots: SnapshotsView): Topic {
  return {
    name: "collections",
    rest: "<collection>",
    summary: "The names and versions of a collection's resources; without a collection, which ones there are.",
    read({ rest }) {
      if (rest === "") return list(listingOf(collectionEntries(snapshots)));
      const table = findTable(snapshots, rest);
      if (table === undefined) return noCollection(rest);
      return list(resourceListing(table), { collection: rest, version: table.version });
    },
  };
}

/** Decodes one resource for people; `undefined` when there is none of that name. */
export type ShowResource = (collection: string, name: string) => JsonObject | undefined;

/** One resource, decoded. */
export function resourcesTopic(snapshots: SnapshotsView, show: ShowResource): Topic {
  return {
    name: "resources",
    summary: "One resource as sinks are sent it, decoded.",
    parameters: { collection: "its collection; required", name: "its name, such as `namespace/name`; required" },
    read({ parameter }): ReadAnswer {
      const collection = parameter("collection") ?? "";
      const name = parameter("name") ?? "";
      if (collection === "" || name === "") {
        return badRequest(
          "the collection or the name is missing",
          "ask for resources?collection=<collection>&name=<name>",
        );
      }
      if (findTable(snapshots, collection) === undefined) return noCollection(collection);
      const shown = show(collection, name);
      if (shown !== undefined) return value(shown);
      return notFound(
        `resource ${quote(name)} in ${collection}`,
        `collections/${collection} lists the names there are`,
      );
    },
  };
}

function noCollection(collection: string): ReadAnswer {
  return notFound(`published collection ${quote(collection)}`, "collections lists those there are");
}

function findTable(snapshots: SnapshotsView, wanted: string): TableView | undefined {
  for (const [, collections] of snapshots()) {
    for (const [collection, table] of collections) if (collection === wanted) return table;
  }
  return undefined;
}

function* collectionEntries(snapshots: SnapshotsView): Iterable<Entry> {
  for (const [group, collections] of snapshots()) {
    for (const [collection, { version, size }] of collections) {
      yield { key: collection, show: () => ({ collection, group, version, count: size }) };
    }
  }
}

function resourceListing({ size, chunks }: TableView): Listing {
  return {
    count: size,
    *from(after): Iterable<Entry> {
      const begin = after === undefined ? 0 : lowestIndex(chunks.length, (i) => chunks[i]!.at(-1)!.name > after);
      for (let i = begin; i < chunks.length; i++) {
        for (const { name, version } of chunks[i]!) {
          if (after === undefined || name > after) yield { key: name, show: () => ({ name, version }) };
        }
      }
    },
  };
}

function sorted<Value>(entries: Iterable<readonly [string, Value]>): (readonly [string, Value])[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}
