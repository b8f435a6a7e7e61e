import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { silentLogger } from "../../lib/logger.ts";
import { openCache } from "./cache/store.ts";
import type { Decode } from "./options.ts";
import { createFileSource } from "./source.ts";
import { decode, Follower, quick, TestFolder, thing, things } from "./testing/harness.ts";

/** A folder with a cache beside it, and how many documents were decoded so far. */
class World implements AsyncDisposable {
  readonly folder: TestFolder;
  readonly #cacheFolder: TestFolder;
  decoded = 0;

  private constructor(folder: TestFolder, cacheFolder: TestFolder) {
    this.folder = folder;
    this.#cacheFolder = cacheFolder;
  }

  static async create(files: Readonly<Record<string, string>>): Promise<World> {
    return new World(await TestFolder.create(files), await TestFolder.create());
  }

  async start(): Promise<Follower> {
    const counted: Decode = (doc, origin, store) => {
      this.decoded++;
      return decode(doc, origin, store);
    };
    const cache = openCache(this.#cacheFolder.root, [], silentLogger);
    const timings = { ...quick, keepMs: 1 };
    return await Follower.synced(createFileSource({ root: this.folder.root, decode: counted, cache, timings }));
  }

  get cached(): string {
    return this.#cacheFolder.path("galley-cache-1");
  }

  async entries(count: number): Promise<string[]> {
    for (;;) {
      const names = (await readdir(this.cached)).filter((name) => !name.startsWith("new-"));
      if (names.length >= count) return names.map((name) => join(this.cached, name));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.folder[Symbol.asyncDispose]();
    await this.#cacheFolder[Symbol.asyncDispose]();
  }
}

const files = { "a.yaml": things(thing("a"), thing("b", "odd")), "c.yaml": things(thing("c"), thing("x", "bad")) };

async function heard(world: World): Promise<unknown> {
  await using follower = await world.start();
  return {
    served: follower.served,
    problems: follower.problems,
    origins: ["a", "b", "c"].map((n) => follower.origin(n)),
  };
}

test("a second start decodes nothing, and says the same", async () => {
  await using world = await World.create(files);
  const first = await heardOnceKept(world);
  expect(world.decoded).toBe(4);
  expect(await heard(world)).toEqual(first);
  expect(world.decoded).toBe(4);
});

async function heardOnceKept(world: World): Promise<unknown> {
  await using follower = await world.start();
  await world.entries(2);
  return {
    served: follower.served,
    problems: follower.problems,
    origins: ["a", "b", "c"].map((n) => follower.origin(n)),
  };
}

test("a file that changed is read anew, and what it came to is kept as well", async () => {
  await using world = await World.create(files);
  await heardOnceKept(world);
  {
    await using follower = await world.start();
    await world.folder.write("a.yaml", things(thing("a", 2), thing("b", "odd")));
    await follower.untilServed("a=2", "b=odd", "c=1");
    await world.entries(3);
  }
  const { decoded } = world;
  await using follower = await world.start();
  expect(follower.served).toEqual(["a=2", "b=odd", "c=1"]);
  expect(world.decoded).toBe(decoded);
  // What came out of the cache is followed as everything else.
  await world.folder.write("c.yaml", thing("c", 5));
  await follower.untilServed("a=2", "b=odd", "c=5");
});

test("what is damaged or deleted is read anew, with the same result", async () => {
  await using world = await World.create(files);
  const first = await heardOnceKept(world);
  const [one] = await world.entries(2);
  await writeFile(one!, "nothing of ours");
  expect(await heard(world)).toEqual(first);
  expect(world.decoded).toBe(6);
  await rm(world.cached, { recursive: true });
  expect(await heard(world)).toEqual(first);
  expect(world.decoded).toBe(10);
});

test("equal content in another place is told with its own place", async () => {
  await using world = await World.create({ "a.yaml": thing("a") });
  {
    await using _follower = await world.start();
    await world.entries(1);
  }
  await world.folder.move("a.yaml", "deep/b.yaml");
  await using follower = await world.start();
  expect(follower.origin("a")).toBe("deep/b.yaml:1");
  expect(world.decoded).toBe(1);
});
