import { chmod, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Logger } from "../../../lib/logger.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { TestFolder } from "../testing/harness.ts";
import { fingerprint } from "./fingerprint.ts";
import { type Cache, openCache } from "./store.ts";
import { sweep } from "./sweep.ts";

const packed = { head: Uint8Array.from([1, 2, 3, 4]), bodies: Uint8Array.from({ length: 3000 }, (_, i) => i) };
const content = Buffer.from("a: 1\n");

class Opened implements AsyncDisposable {
  readonly #folder: TestFolder;
  readonly warnings: string[] = [];
  readonly log: Logger = { ...silentLogger, warn: (message) => void this.warnings.push(message) };
  readonly cache: Cache;

  private constructor(folder: TestFolder, options: unknown) {
    this.#folder = folder;
    this.cache = openCache(folder.root, options, this.log)!;
  }

  static async create(): Promise<Opened> {
    return new Opened(await TestFolder.create(), ["gateways"]);
  }

  again(options: unknown = ["gateways"]): Cache {
    return openCache(this.#folder.root, options, this.log)!;
  }

  get own(): string {
    return this.#folder.path("galley-cache-1");
  }

  async entries(): Promise<string[]> {
    return (await readdir(this.own)).map((name) => join(this.own, name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}

describe("the cache", () => {
  it("gives what was kept, also to the next process, and only under its key", async () => {
    await using opened = await Opened.create();
    const { cache } = opened;
    const key = cache.keyOf(content, false);
    expect(await cache.get(key)).toBeUndefined();
    await cache.put(key, packed);
    expect(await cache.get(key)).toEqual(packed);
    const next = opened.again();
    expect(await next.get(next.keyOf(content, false))).toEqual(packed);
    expect(await next.get(next.keyOf(Buffer.from("a: 2\n"), false))).toBeUndefined();
    expect(await next.get(next.keyOf(content, true))).toBeUndefined();
    expect(opened.warnings).toEqual([]);
  });

  it("knows nothing under other options", async () => {
    await using opened = await Opened.create();
    await opened.cache.put(opened.cache.keyOf(content, false), packed);
    const other = opened.again(["gateways", "sidecars"]);
    expect(await other.get(other.keyOf(content, false))).toBeUndefined();
  });

  it("passes over an entry in which any byte was changed, says so, and forgets it", async () => {
    await using opened = await Opened.create();
    const { cache, warnings } = opened;
    const key = cache.keyOf(content, false);
    await cache.put(key, packed);
    const [path] = await opened.entries();
    const bytes = await readFile(path!);
    for (let at = 0; at < bytes.length; at += at < 120 ? 1 : 97) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 0x10;
      await writeFile(path!, damaged);
      expect(await cache.get(key)).toBeUndefined();
      expect(await opened.entries()).toEqual([]);
    }
    expect(warnings[0]).toMatch(/damaged or not Galley's/);
    await cache.put(key, packed);
    expect(await cache.get(key)).toEqual(packed);
  });

  it("passes over an entry that is cut short, too long, empty or no file", async () => {
    await using opened = await Opened.create();
    const { cache } = opened;
    const key = cache.keyOf(content, false);
    await cache.put(key, packed);
    const [path] = await opened.entries();
    const bytes = await readFile(path!);
    for (const spoiled of [bytes.subarray(0, -1), Buffer.concat([bytes, bytes]), Buffer.alloc(0), Buffer.alloc(50)]) {
      await writeFile(path!, spoiled);
      expect(await cache.get(key)).toBeUndefined();
    }
    await mkdir(path!);
    expect(await cache.get(key)).toBeUndefined();
    await rm(path!, { recursive: true });
    await writeFile(join(opened.own, "elsewhere"), bytes);
    await symlink(join(opened.own, "elsewhere"), path!);
    expect(await cache.get(key)).toBeUndefined();
  });

  it("does not take the entry of one key for that of another", async () => {
    await using opened = await Opened.create();
    const { cache } = opened;
    await cache.put(cache.keyOf(content, false), packed);
    const [path] = await opened.entries();
    const other = cache.keyOf(Buffer.from("b: 1\n"), false);
    await writeFile(join(opened.own, other.toString("hex")), await readFile(path!));
    expect(await cache.get(other)).toBeUndefined();
  });

  it("is readable by nobody else", async () => {
    await using opened = await Opened.create();
    await opened.cache.put(opened.cache.keyOf(content, false), packed);
    const [path] = await opened.entries();
    expect((await stat(opened.own)).mode & 0o777).toBe(0o700);
    expect((await stat(path!)).mode & 0o777).toBe(0o600);
  });

  it("is not kept in a folder that others may write to", async () => {
    await using opened = await Opened.create();
    await chmod(opened.own, 0o777);
    expect(opened.again()).toBeUndefined();
    expect(opened.warnings).toEqual([expect.stringMatching(/^no cache is kept: .* open to others .* remove it$/)]);
  });

  it("is not kept where there can be no folder", async () => {
    await using folder = await TestFolder.create({ file: "" });
    const warnings: string[] = [];
    const log = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
    expect(openCache(folder.path("file"), [], log)).toBeUndefined();
    expect(warnings).toEqual([expect.stringMatching(/can't be created \(ENOTDIR\); give a folder/)]);
  });

  it("goes on without when it is deleted, and says once that nothing is kept", async () => {
    await using opened = await Opened.create();
    const { cache, warnings } = opened;
    await rm(opened.own, { recursive: true });
    await cache.put(cache.keyOf(content, false), packed);
    await cache.put(cache.keyOf(Buffer.from("b"), false), packed);
    expect(await cache.get(cache.keyOf(content, false))).toBeUndefined();
    expect(warnings).toEqual([expect.stringMatching(/can't be written \(ENOENT\)/)]);
  });

  it("drops what was unused for the longest when it grows too large, and leaves other files alone", async () => {
    await using opened = await Opened.create();
    const { cache } = opened;
    for (let i = 0; i < 5; i++) {
      const key = cache.keyOf(Buffer.from(`${i}`), false);
      await cache.put(key, packed);
      await utimes(join(opened.own, key.toString("hex")), 1000 + i, 1000 + i);
    }
    await writeFile(join(opened.own, "README"), "mine");
    await writeFile(join(opened.own, "new-unfinished"), "");
    await utimes(join(opened.own, "new-unfinished"), 1000, 1000);
    await sweep(opened.own, 1_010_000, 3 * 4096);
    for (let i = 0; i < 5; i++) {
      const left = await cache.get(cache.keyOf(Buffer.from(`${i}`), false));
      expect(left).toEqual(i < 2 ? undefined : packed);
    }
    expect(await readdir(opened.own)).toContain("README");
    await sweep(opened.own, 1_000_000 + 40 * 24 * 60 * 60 * 1000);
    // What was just used was marked so, and stays.
    expect((await readdir(opened.own)).filter((name) => name.startsWith("new-"))).toEqual([]);
  });
});

describe("the fingerprint", () => {
  it("is another when a line of the code that reads, or a package, is another", async () => {
    await using folder = await TestFolder.create({
      "src/lib/a.ts": "1",
      "src/model/b.js": "2",
      "src/sources/fs/c.ts": "3",
      "src/wire/gen/d.ts": "4",
      "src/wire/e.test.ts": "5",
      "package.json": "{}",
    });
    const root = new URL(`file://${folder.path("src")}/`);
    const manifest = new URL(`file://${folder.path("package.json")}`);
    const now = (): string => fingerprint([], root, manifest);
    const before = now();
    await folder.write("src/wire/e.test.ts", "55");
    expect(now()).toBe(before);
    const seen = new Set([before]);
    for (const path of ["src/lib/a.ts", "src/model/b.js", "src/sources/fs/c.ts", "src/wire/gen/d.ts", "package.json"]) {
      await folder.write(path, "other");
      seen.add(now());
    }
    expect(seen.size).toBe(6);
    expect(fingerprint(["x"], root, manifest)).not.toBe(now());
  });

  it("can be told of the code that runs", () => {
    expect(fingerprint([])).toMatch(/^[0-9a-f]{64}$/);
  });
});
