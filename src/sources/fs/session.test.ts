import { describe, expect, it } from "vitest";
import type { SourceBatch } from "../source.ts";
import { nodeDisk, type Disk } from "./disk.ts";
import type { ReadingHelp } from "./help.ts";
import { decode, Follower, packingHelp, quick, TestFolder, thing, things } from "./testing/harness.ts";
import { createFileSource } from "./source.ts";

/** Pulls batch by batch, as slowly as a test likes. */
function pulled(source: { read(signal: AbortSignal): AsyncIterable<SourceBatch> }) {
  const abort = new AbortController();
  const iterator = source.read(abort.signal)[Symbol.asyncIterator]();
  return {
    abort,
    async next(): Promise<SourceBatch | undefined> {
      const { done, value } = await iterator.next();
      return done === true ? undefined : value;
    },
    async until(kind: SourceBatch["kind"]): Promise<SourceBatch> {
      for (;;) {
        const batch = await this.next();
        if (batch === undefined || batch.kind === kind) return batch!;
      }
    },
    stop: () => iterator.return!(),
  };
}

describe("a reading", () => {
  it("does nothing while the consumer doesn't pull, and then says what there is by now", async () => {
    await using folder = await TestFolder.create({ "a.yaml": thing("a", 0) });
    let touched = 0;
    const disk: Disk = {
      ...nodeDisk,
      stat: (path) => (touched++, nodeDisk.stat(path)),
      list: (path) => (touched++, nodeDisk.list(path)),
      read: (path, maxBytes) => (touched++, nodeDisk.read(path, maxBytes)),
    };
    const consumer = pulled(
      createFileSource({ root: folder.root, decode, disk, timings: { ...quick, pollMs: 20, pollShare: 1 } }),
    );
    await consumer.until("synced");
    touched = 0;
    for (let i = 1; i <= 20; i++) {
      await folder.write("a.yaml", thing("a", i));
      await folder.write(`b${i}.yaml`, thing(`b${i}`));
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(touched).toBe(0);
    const values: string[] = [];
    const names = new Set<string>();
    while (names.size < 21) {
      const batch = await consumer.until("patch");
      if (batch.kind !== "patch") throw new Error("the reading ended");
      for (const { name, version } of batch.upserts) {
        names.add(name);
        if (name === "a") values.push(version);
      }
    }
    expect(values).toEqual(['{"value":20}']);
    consumer.abort.abort();
    expect(await consumer.next()).toBeUndefined();
  });

  it("ends when it is told to, at any moment", async () => {
    const files = Array.from({ length: 30 }, (_, i): [string, string] => [`${i}.yaml`, thing(`a${i}`)]);
    await using folder = await TestFolder.create(Object.fromEntries(files));
    for (let pulls = 0; pulls < 12; pulls++) {
      const consumer = pulled(
        createFileSource({ root: folder.root, decode, timings: { ...quick, progressMs: 0 }, limits: { maxPatch: 5 } }),
      );
      for (let i = 0; i < pulls; i++) await consumer.next();
      const pending = consumer.next();
      consumer.abort.abort();
      await pending;
      while ((await consumer.next()) !== undefined);
    }
  });

  it("has help with a folder that is replaced by another, but not with documents that it has parsed", async () => {
    const tell = { hired: 0, dismissed: 0, helped: 0 };
    const help: ReadingHelp = {
      isWorth: (files) => files > 1,
      hire: (...asked) => {
        const helpers = packingHelp.hire(...asked)!;
        tell.hired++;
        return {
          ...helpers,
          read: (order) => (tell.helped++, helpers.read(order)),
          [Symbol.dispose]: () => void tell.dismissed++,
        };
      },
    };
    await using folder = await TestFolder.create();
    const write = async (where: string, first: number, last: number): Promise<void> => {
      for (let i = 0; i < 20; i++) {
        await folder.write(`${where}${i}.yaml`, things(thing(`a${i}`, first), thing(`b${i}`, last)));
      }
    };
    const swap = async (first: number, last: number): Promise<void> => {
      await write("../next/", first, last);
      await folder.move("", `../old-${first}-${last}`);
      await folder.move("../next", "");
      const served = Array.from({ length: 20 }, (_, i) => [`a${i}=${first}`, `b${i}=${last}`]).flat();
      await follower.untilServed(...served);
    };
    await write("", 1, 1);
    await using follower = await Follower.synced(createFileSource({ root: folder.root, decode, help, timings: quick }));
    expect(tell).toEqual({ hired: 1, dismissed: 1, helped: 20 });
    await swap(1, 2);
    expect(tell).toEqual({ hired: 1, dismissed: 1, helped: 20 });
    await swap(2, 3);
    await folder.write("7.yaml", things(thing("a7", 4), thing("b7", 4)));
    await follower.until(() => follower.served.includes("b7=4"));
    expect(tell).toEqual({ hired: 2, dismissed: 2, helped: 40 });
  });

  it("stops watching when the consumer walks away", async () => {
    await using folder = await TestFolder.create({ "a.yaml": thing("a"), "sub/b.yaml": thing("b") });
    let watching = 0;
    const disk: Disk = {
      ...nodeDisk,
      watch: (path, onChange, onLost) => {
        const close = nodeDisk.watch(path, onChange, onLost);
        watching++;
        return () => {
          watching--;
          close();
        };
      },
    };
    const consumer = pulled(createFileSource({ root: folder.root, decode, disk, timings: quick }));
    await consumer.until("synced");
    expect(watching).toBe(3); // the root, the folder below it, and the one that the root is in
    await consumer.stop();
    expect(watching).toBe(0);
  });

  it("says nothing when it was told to end before it began", async () => {
    await using folder = await TestFolder.create({ "a.yaml": thing("a") });
    const consumer = pulled(createFileSource({ root: folder.root, decode }));
    consumer.abort.abort();
    expect(await consumer.next()).toBeUndefined();
  });

  it("starts afresh with everything there is, beside others", async () => {
    await using folder = await TestFolder.create({ "a.yaml": thing("a") });
    const source = createFileSource({ root: folder.root, decode, timings: quick });
    await using first = await Follower.synced(source);
    await using second = await Follower.synced(source);
    await folder.write("a.yaml", thing("a", 2));
    source.rescan();
    await first.untilServed("a=2");
    await second.untilServed("a=2");
  });
});

describe("a file with more documents than a call can have arguments", () => {
  it("is read, changed and removed like any other", async () => {
    const [count, names] = [130_000, new Set<string>()];
    const content = (value: number): string =>
      Array.from({ length: count }, (_, i) => thing(`n${i}`, value)).join("---\n");
    await using folder = await TestFolder.create({ "big.yaml": content(1) });
    await using follower = await Follower.synced(createFileSource({ root: folder.root, decode, timings: quick }));
    expect(follower.resources.size).toBe(count);
    await folder.write("big.yaml", content(2));
    await follower.until(() => follower.log.length > 2 * count);
    for (const line of follower.log) names.add(line);
    expect(names.size).toBe(2 * count + 1); // each was said once, and that all was read
    await folder.remove("big.yaml");
    await follower.until(() => follower.resources.size === 0);
  }, 60_000);
});

describe("a first scan", () => {
  it("waits for files that are being written, but not for ever", async () => {
    await using folder = await TestFolder.create({ "a.yaml": "" });
    await using follower = new Follower(
      createFileSource({ root: folder.root, decode, timings: { ...quick, lossMs: 300, restlessMs: 100_000 } }),
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(follower.synced).toBe(false);
    await folder.write("a.yaml", thing("a"));
    await follower.until(() => follower.synced);
    expect(follower.log).toEqual(["+a=1", "synced"]);
  });

  it("is not held up by a file that never stands still", async () => {
    await using folder = await TestFolder.create({ "a.yaml": thing("a"), "b.yaml": thing("b") });
    let size = 0;
    const restless: Disk = {
      ...nodeDisk,
      stat: async (path) => {
        const stat = await nodeDisk.stat(path);
        return path.endsWith("b.yaml") ? { ...stat, size: stat.size + size++ } : stat;
      },
    };
    const source = createFileSource({
      root: folder.root,
      decode,
      disk: restless,
      timings: { ...quick, restlessMs: 60 },
    });
    await using follower = await Follower.synced(source);
    expect(follower.served).toEqual(["a=1", "b=1"]);
  });

  it("keeps the first of two documents served while it learns of the other", async () => {
    const files = Array.from({ length: 9 }, (_, i): [string, string] => [
      `${i}.yaml`,
      things(thing("same", i), thing(`own${i}`)),
    ]);
    await using folder = await TestFolder.create(Object.fromEntries(files.reverse()));
    await using follower = await Follower.synced(createFileSource({ root: folder.root, decode, timings: quick }));
    expect(follower.served).toContain("same=0");
    expect(follower.problems).toHaveLength(8);
  });
});
