import type { SnapshotGroup } from "../model/collections.ts";
import type { Collection } from "../model/names.ts";
import type { Feed, Wake } from "./feed.ts";
import type { Table } from "./table.ts";

/** All collections of one group at one moment: a frozen value. */
export type Snapshot = ReadonlyMap<Collection, Table>;

/**
 * Where snapshots are published and streams look them up. Publishing swaps one reference and wakes those who watch a
 * collection whose version changed; nothing is queued here, so a slow reader only ever finds the newest content.
 */
export class Hub {
  readonly #groupOf: (collection: Collection) => SnapshotGroup;
  readonly #snapshots = new Map<SnapshotGroup, Snapshot>();
  readonly #watchers = new Map<Collection, Set<Wake>>();
  readonly #followers = new Map<Collection, Set<() => void>>();
  readonly #feeds = new Map<Collection, Feed>();

  constructor(groupOf: (collection: Collection) => SnapshotGroup) {
    this.#groupOf = groupOf;
  }

  /** The published snapshots, by group. */
  get snapshots(): ReadonlyMap<SnapshotGroup, Snapshot> {
    return this.#snapshots;
  }

  /** The newest content of a collection; `undefined` until a snapshot that has it is published. */
  latest(collection: Collection): Table | undefined {
    return this.#snapshots.get(this.#groupOf(collection))?.get(collection);
  }

  /** The collection as it is published; the same feed each time. */
  feed(collection: Collection): Feed {
    let feed = this.#feeds.get(collection);
    if (feed === undefined) this.#feeds.set(collection, (feed = new CollectionFeed(this, collection)));
    return feed;
  }

  /** Replaces a group's snapshot and wakes the watchers of what changed. Returns the changed collections. */
  publish(group: SnapshotGroup, snapshot: Snapshot): readonly Collection[] {
    const before = this.#snapshots.get(group);
    this.#snapshots.set(group, snapshot);
    const changed: Collection[] = [];
    snapshot.forEach((table, collection) => {
      if (before?.get(collection)?.version === table.version) return;
      changed.push(collection);
      for (const follow of this.#followers.get(collection) ?? []) follow();
      for (const wake of this.#watchers.get(collection) ?? []) wake(this.feed(collection));
    });
    return changed;
  }

  /** Forgets a group's snapshot. Watches stay; the next snapshot wakes them. */
  clear(group: SnapshotGroup): void {
    this.#snapshots.delete(group);
  }

  /** Has `wake` called at every change of the collection until `unwatch`. Watching twice is watching once. */
  watch(collection: Collection, wake: Wake): void {
    const watchers = this.#watchers.get(collection);
    if (watchers === undefined) this.#watchers.set(collection, new Set([wake]));
    else watchers.add(wake);
  }

  unwatch(collection: Collection, wake: Wake): void {
    const watchers = this.#watchers.get(collection);
    if (watchers?.delete(wake) === true && watchers.size === 0) this.#watchers.delete(collection);
  }

  /** Has what derives content of its own told of every change, before those who watch. Returns what ends that. */
  follow(collection: Collection, changed: () => void): () => void {
    let followers = this.#followers.get(collection);
    if (followers === undefined) this.#followers.set(collection, (followers = new Set()));
    // A function of its own, so that one that is given twice follows twice.
    const follow = (): void => changed();
    followers.add(follow);
    return () => followers.delete(follow);
  }

  /** How many watch a collection. */
  watchers(collection: Collection): number {
    return this.#watchers.get(collection)?.size ?? 0;
  }
}

class CollectionFeed implements Feed {
  readonly collection: Collection;
  readonly rank = 0;
  readonly ownBytes = 0;
  readonly #hub: Hub;

  constructor(hub: Hub, collection: Collection) {
    this.#hub = hub;
    this.collection = collection;
  }

  get topic(): string {
    return this.collection;
  }

  get latest(): Table | undefined {
    return this.#hub.latest(this.collection);
  }

  watch(wake: Wake): void {
    this.#hub.watch(this.collection, wake);
  }

  unwatch(wake: Wake): void {
    this.#hub.unwatch(this.collection, wake);
  }
}
