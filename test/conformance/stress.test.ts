import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Collection } from "../../src/model/names.ts";
import { istioCollections } from "../../src/model/registry.ts";
import type { Change } from "../../src/model/received/change.ts";
import { InMemoryStore } from "../../src/model/received/store.ts";
import { Random } from "../simulation/random.ts";
import { TestServer, type Content } from "../support/test-server.ts";
import { TestSink } from "./peers/test-sink.ts";
import { until } from "./peers/waiting.ts";

const SINKS = 20;
const COLLECTIONS = 50;
const ROUNDS = 120;
const NAMES = 12;

/** One push in a hundred is refused. */
const REFUSED = 0.01;

/** One change in so many takes 50 to 100 ms to apply; if all did, a round would take as long as this whole test. */
const SLOW_ONE_IN = 20;

const collections: readonly Collection[] = istioCollections()
  .all.filter(({ snapshotGroup }) => snapshotGroup === "default")
  .slice(0, COLLECTIONS)
  .map(({ name }) => name);

/** A sink that applies what it is sent, slowly at times, and now and then refuses. */
class StressedSink implements AsyncDisposable {
  readonly store: InMemoryStore = new InMemoryStore();
  /** Collections whose content was another than that of the version with which it came. */
  readonly wrong: string[] = [];
  refused = 0;
  isWilling = false;
  readonly #random: Random;
  readonly #published: Published;
  readonly #sink: TestSink;

  constructor(address: string, seed: number, incremental: boolean, published: Published) {
    this.#random = new Random(seed);
    this.#published = published;
    const bodies = { check: () => undefined, toJson: () => ({}) };
    const apply = (change: Change): Promise<void> => this.#apply(change);
    this.#sink = new TestSink(address, { collections, incremental, apply, bodies });
  }

  textOf(collection: string): string {
    return textOf([...(this.store.get(collection) ?? [])].map(([name, { version }]) => [name, version]));
  }

  async #apply(change: Change): Promise<void> {
    if (this.#random.chance(1 / SLOW_ONE_IN)) await pause(50 + this.#random.below(50));
    if (!this.isWilling && this.#random.chance(REFUSED)) {
      this.refused++;
      throw new Error("one in a hundred");
    }
    this.store.apply(change);
    const told = this.#published.get(`${change.collection} ${change.version}`);
    if (this.textOf(change.collection) !== told) this.wrong.push(`${change.collection}@${change.version}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sink[Symbol.asyncDispose]();
  }
}

/** The content of each version that was ever published, as a text, by collection and version. */
type Published = Map<string, string>;

function textOf(versions: Iterable<readonly [string, string]>): string {
  return [...versions]
    .map(([name, version]) => `${name}@${version}`)
    .sort()
    .join(" ");
}

test.each([
  ["none of which asks for deltas", 0],
  ["half of which ask for deltas", 0.5],
  ["all of which ask for deltas", 1],
])(
  "63: twenty sinks of fifty collections, %s, hold what each version is that they apply",
  async (_, share) => {
    expect(collections).toHaveLength(COLLECTIONS);
    await using server = await TestServer.start();
    const random = new Random(63);
    const published: Published = new Map();
    const content: Content = Object.fromEntries(collections.map((collection) => [collection, {}]));

    function publish(): void {
      server.publish(content);
      for (const collection of collections) {
        const { version = "" } = server.hub.latest(collection) ?? {};
        published.set(`${collection} ${version}`, textOf(Object.entries(content[collection]!)));
      }
    }

    const sinks: StressedSink[] = [];
    try {
      publish();
      for (let i = 0; i < SINKS; i++) sinks.push(new StressedSink(server.address, i, i < SINKS * share, published));
      for (let round = 1; round <= ROUNDS; round++) {
        for (let edit = 0; edit < 10; edit++) {
          const resources = content[random.pick(collections)]!;
          const name = `ns/n${random.below(NAMES)}`;
          if (random.chance(0.3)) delete resources[name];
          else resources[name] = `${round}.${edit}`;
        }
        publish();
        await pause(random.below(20));
      }
      // What was refused last is sent again with the next version only.
      for (const sink of sinks) sink.isWilling = true;
      for (const collection of collections) content[collection]!["ns/last"] = "1";
      publish();
      await until(() => isAtRest(server));
      expect(sinks.flatMap((sink) => sink.wrong)).toEqual([]);
      for (const collection of collections) {
        const due = textOf(Object.entries(content[collection]!));
        for (const sink of sinks) expect(sink.textOf(collection)).toBe(due);
      }
      expect(sinks.reduce((sum, { refused }) => sum + refused, 0)).toBeGreaterThan(0);
    } finally {
      for (const sink of sinks) await sink[Symbol.asyncDispose]();
    }
  },
  60_000,
);

/** Whether all sinks have all collections, as they are now. */
function isAtRest({ service }: TestServer): boolean {
  const views = [...service.sinks()];
  return (
    views.length === SINKS &&
    views.every((view) => view.collections.length === COLLECTIONS && view.collections.every(({ synced }) => synced))
  );
}
