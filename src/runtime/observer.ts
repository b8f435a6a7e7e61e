import type { Collection } from "../model/names.ts";

/** What the runtime tells those who measure it. Calls are cheap, synchronous, and never throw. */
export interface RuntimeObserver {
  /** Additions, changes and deletions that a source said, whether or not they changed anything. */
  eventsProcessed(count: number): void;
  /** A batch changed something that will be published. */
  changed(): void;
  /** A snapshot went out. @param events how many events it takes in  @param lifetimeMs how long the one before it was current */
  published(events: number, lifetimeMs: number): void;
  /** How many resources a collection has now. */
  collectionSize(collection: Collection, size: number): void;
  /** How long changes were gathered for the snapshot that goes out; 0 after quiet. */
  windowMs(ms: number): void;
}

export const silentRuntimeObserver: RuntimeObserver = {
  eventsProcessed: () => undefined,
  changed: () => undefined,
  published: () => undefined,
  collectionSize: () => undefined,
  windowMs: () => undefined,
};
