import type { Collection } from "../../model/names.ts";
import type { Feed, Wake } from "../../snapshot/feed.ts";
import type { Table } from "../../snapshot/table.ts";
import type { Payload } from "../payload.ts";

/** What the feed of a type URL is made of. */
export interface XdsFeedOptions {
  /** The type URL, as it was asked for: answers echo it. */
  readonly topic: string;
  readonly collection: Collection;
  readonly rank: number;
  readonly payload: Payload;
  /** The content now; `undefined` until all that it comes from has some. Equal content, equal table. */
  readonly content: () => Table | undefined;
  /** Has `changed` called whenever the content may be another. Returns what ends that. */
  readonly follow: (changed: () => void) => () => void;
  /** Told when somebody begins to watch, and when nobody does any more. */
  readonly used: (isUsed: boolean) => void;
}

/** What a feed takes beside its name, bytes: a part of what it does, so that no istiod needs more than is free for each stream. */
const FEED_BYTES = 256;

/** A feed whose content is derived from collections. It wakes those who watch it only when its own content changed. */
export class XdsFeed implements Feed {
  readonly #options: XdsFeedOptions;
  readonly #watchers = new Set<Wake>();
  #unfollow: () => void = () => undefined;
  #told: Table | undefined;

  constructor(options: XdsFeedOptions) {
    this.#options = options;
  }

  get topic(): string {
    return this.#options.topic;
  }

  get collection(): Collection {
    return this.#options.collection;
  }

  get rank(): number {
    return this.#options.rank;
  }

  /** How resources stand in a response. */
  get payload(): Payload {
    return this.#options.payload;
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  /** Its name is kept twice. Those who ask for the same share it, but nobody has to ask for what others do. */
  get ownBytes(): number {
    return 2 * this.topic.length + FEED_BYTES;
  }

  get latest(): Table | undefined {
    return this.#options.content();
  }

  watch(wake: Wake): void {
    this.#watchers.add(wake);
    if (this.#watchers.size > 1) return;
    this.#told = this.latest;
    this.#unfollow = this.#options.follow(() => this.#changed());
    this.#options.used(true);
  }

  unwatch(wake: Wake): void {
    if (!this.#watchers.delete(wake) || this.#watchers.size > 0) return;
    this.#unfollow();
    this.#options.used(false);
  }

  #changed(): void {
    const { latest } = this;
    if (latest === undefined || latest.version === this.#told?.version) return;
    this.#told = latest;
    for (const wake of this.#watchers) wake(this);
  }
}
