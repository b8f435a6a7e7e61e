import type { Clock } from "../lib/clock.ts";
import { Debounce, type DebounceOptions } from "../lib/debounce.ts";
import type { CollectionRegistry } from "../model/collections.ts";
import type { Collection } from "../model/names.ts";
import type { Hub } from "../snapshot/hub.ts";
import type { Table } from "../snapshot/table.ts";
import type { Published } from "./change-log.ts";
import type { RuntimeObserver } from "./observer.ts";

/** A lone change is published at once; a storm four times a second, and more rarely where handing it out takes long (ADR 0014). */
export const publishWindow: DebounceOptions = { minMs: 10, steadyMs: 250, maxMs: 1000 };

export interface PublisherDeps {
  readonly registry: CollectionRegistry;
  readonly hub: Hub;
  readonly clock: Clock;
  readonly observer: RuntimeObserver;
  /** The content now. */
  readonly tables: () => ReadonlyMap<Collection, Table>;
  /** Tells when what was just published is on its way to sinks; at once without. */
  readonly handOut?: HandingOut;
  /** Called once, when the first snapshot is out. */
  readonly onReady?: () => void;
  /** Called for every snapshot, once it is out. */
  readonly onPublished?: (published: Published) => void;
}

/** How long it takes to hand out what was published. */
export interface HandingOut {
  /** Calls `over`, now or later, when all is handed out; only that of the last call is ever called. */
  whenOver(over: () => void): void;
  /** Nobody wants to know any more. */
  forget(): void;
}

/** Turns changes of the state into snapshots, at a pace that load decides. Publishes nothing until opened. */
export class Publisher {
  readonly #deps: PublisherDeps;
  readonly #debounce: Debounce;
  #open = false;
  #events = 0;
  #publishedAt: number | undefined;

  constructor(deps: PublisherDeps) {
    this.#deps = deps;
    this.#debounce = new Debounce(deps.clock, publishWindow, (done) => {
      this.#publish();
      if (deps.handOut === undefined) done();
      else deps.handOut.whenOver(done);
    });
  }

  /** Whether a snapshot has been published. */
  get published(): boolean {
    return this.#publishedAt !== undefined;
  }

  /** Everything that existed at the start is known: the first snapshot goes out now, however little it holds. */
  open(): void {
    if (this.#open) return;
    this.#open = true;
    this.#debounce.changed();
  }

  /** Something changed. @param events how many pieces of news that was */
  changed(events: number): void {
    this.#events += events;
    this.#deps.observer.changed();
    if (this.#open) this.#debounce.changed();
  }

  [Symbol.dispose](): void {
    this.#debounce[Symbol.dispose]();
    this.#deps.handOut?.forget();
  }

  #publish(): void {
    const { registry, hub, clock, observer, tables } = this.#deps;
    const snapshot = new Map<Collection, Table>();
    tables().forEach((table, collection) => {
      if (registry.get(collection)?.snapshotGroup === "default") snapshot.set(collection, table);
    });
    const now = clock.now();
    observer.windowMs(this.#debounce.gatheredMs);
    observer.published(this.#events, this.#publishedAt === undefined ? 0 : now - this.#publishedAt);
    this.#events = 0;
    const isFirst = this.#publishedAt === undefined;
    this.#publishedAt = now;
    const before = hub.snapshots.get("default");
    const changed = hub.publish("default", snapshot);
    for (const collection of changed) {
      observer.collectionSize(collection, snapshot.get(collection)!.size);
    }
    this.#deps.onPublished?.({ at: clock.wall(), before, after: snapshot, changed });
    if (isFirst) this.#deps.onReady?.();
  }
}
