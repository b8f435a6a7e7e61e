import { renameSync } from "node:fs";
import { mkdir, rename, utimes } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../lib/clock.ts";
import { nodeDisk, type Disk, type DiskStat } from "./disk.ts";
import { Marks } from "./marks.ts";
import { defaultLimits, defaultTimings } from "./options.ts";
import { decode, Follower, quick, TestFolder, thing, things } from "./testing/harness.ts";
import { createFileSource } from "./source.ts";
import { Tree } from "./tree.ts";
import { Watches } from "./watches.ts";

const timings = { ...quick, retryMinMs: 20, retryMaxMs: 40 };

/** A disk of which single operations can be made to fail, or to look different. */
class FaultyDisk implements Disk {
  fail: (operation: string, path: string) => string | undefined = () => undefined;
  disguise: (path: string, stat: DiskStat) => DiskStat = (_path, stat) => stat;
  watching = 0;

  #check(operation: string, path: string): void {
    const code = this.fail(operation, path);
    if (code !== undefined) throw Object.assign(new Error(`${code}: made to fail`), { code });
  }

  async stat(path: string) {
    this.#check("stat", path);
    return this.disguise(path, await nodeDisk.stat(path));
  }

  async kindOf(path: string) {
    this.#check("stat", path);
    return nodeDisk.kindOf(path);
  }

  async list(path: string) {
    this.#check("list", path);
    return nodeDisk.list(path);
  }

  async read(path: string, maxBytes: number) {
    this.#check("read", path);
    return nodeDisk.read(path, maxBytes);
  }

  watch(path: string, onChange: (name: string | undefined) => void, onLost: (error: Error) => void) {
    this.#check("watch", path);
    const close = nodeDisk.watch(path, onChange, onLost);
    this.watching++;
    return () => {
      this.watching--;
      close();
    };
  }
}

async function following(files: Readonly<Record<string, string>>, more = {}) {
  const folder = await TestFolder.create(files);
  const disk = new FaultyDisk();
  const source = createFileSource({ root: folder.root, decode, disk, timings: { ...timings, ...more } });
  const follower = await Follower.synced(source);
  follower.log.length = 0;
  return {
    folder,
    disk,
    follower,
    source,
    async [Symbol.asyncDispose]() {
      await follower[Symbol.asyncDispose]();
      expect(disk.watching).toBe(0);
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe("a root folder", () => {
  it("that is missing at the start is waited for", async () => {
    await using folder = await TestFolder.create();
    await folder.remove();
    await using follower = new Follower(createFileSource({ root: folder.root, decode, timings: quick }));
    await follower.until(() => follower.degraded !== undefined);
    expect(follower.degraded).toMatchObject({ code: "folder-missing", at: { file: folder.root } });
    expect(follower.degraded!.message).toMatch(/config does not exist; create it, or correct the path$/);
    expect(follower.synced).toBe(false);
    await folder.write("../next/a.yaml", thing("a"));
    await rename(folder.path("../next"), folder.root);
    await follower.until(() => follower.synced && follower.degraded === undefined);
    expect(follower.served).toEqual(["a=1"]);
    expect(follower.log.toSorted()).toEqual(["+a=1", "degraded folder-missing", "recovered", "synced"]);
  });

  it("that is missing together with the folder above it is waited for as well", async () => {
    await using folder = await TestFolder.create();
    const source = createFileSource({ root: folder.path("x/y/z"), decode, timings });
    await using follower = new Follower(source);
    await follower.until(() => follower.degraded !== undefined);
    await folder.write("x/y/z/a.yaml", thing("a"));
    await follower.untilServed("a=1");
  });

  it("that is a file is said to be one", async () => {
    await using folder = await TestFolder.create({ "file.yaml": thing("a") });
    await using follower = new Follower(createFileSource({ root: folder.path("file.yaml"), decode }));
    await follower.until(() => follower.degraded !== undefined);
    expect(follower.degraded).toMatchObject({ code: "not-a-folder" });
    expect(follower.degraded!.message).toContain("is not a folder; give the folder that the files are in");
  });

  it("that vanishes deletes nothing, and is taken up again when it is back", async () => {
    await using test = await following({ "a.yaml": thing("a"), "sub/b.yaml": thing("b") });
    const { folder, follower } = test;
    await rename(folder.root, `${folder.root}-away`);
    await follower.until(() => follower.degraded?.code === "folder-missing");
    expect(follower.served).toEqual(["a=1", "b=1"]);
    await rename(`${folder.root}-away`, folder.root);
    await follower.until(() => follower.degraded === undefined);
    await folder.write("sub/b.yaml", thing("b", 2));
    await follower.untilServed("a=1", "b=2");
    expect(follower.log).toEqual(["degraded folder-missing", "recovered", "+b=2"]);
  });

  it("that is removed with all in it at once deletes nothing", async () => {
    await using test = await following({ "a.yaml": thing("a"), "b.yaml": thing("b") }, { goneMs: 400 });
    await test.folder.remove();
    await test.follower.until(() => test.follower.degraded !== undefined);
    expect(test.follower.served).toEqual(["a=1", "b=1"]);
  });

  it.each([
    ["EIO", "the disk reports an error; check the disk"],
    ["ESTALE", "is stale"],
    ["ENOTCONN", "mount it again"],
    ["EACCES", "grant read and search permission"],
    ["EXOTIC", "can't be read: EXOTIC: made to fail"],
  ])("that fails with %s deletes nothing and recovers", async (code, message) => {
    await using test = await following({ "a.yaml": thing("a") }, { pollMs: 30 });
    const { disk, follower, folder } = test;
    disk.fail = () => code;
    await follower.until(() => follower.degraded !== undefined);
    expect(follower.degraded!.message).toContain(message);
    await folder.write("a.yaml", thing("a", 2));
    expect(follower.served).toEqual(["a=1"]);
    disk.fail = () => undefined;
    await follower.untilServed("a=2");
    await follower.until(() => follower.degraded === undefined);
    expect(follower.log.filter((line) => line.startsWith("-"))).toEqual([]);
  });

  it("that is replaced by another is taken as an update, deletions after a while", async () => {
    await using test = await following({ "a.yaml": thing("a"), "b.yaml": thing("b") });
    const { folder, follower } = test;
    await folder.write("../next/a.yaml", thing("a", 2));
    await rename(folder.root, `${folder.root}-old`);
    await rename(folder.path("../next"), folder.root);
    await follower.untilServed("a=2");
    expect(follower.log.filter((line) => /^[-+]/.test(line))).toEqual(["+a=2", "-b"]);
    await folder.write("a.yaml", thing("a", 3));
    await follower.untilServed("a=3");
  });

  it("that is replaced by another is seen as one change, however many files have to be looked at again", async () => {
    const numbers = [...Array(70).keys()];
    const files = (value: number): [string, string][] => [
      ...numbers.map((i): [string, string] => [`same${i}.yaml`, thing(`same${i}`, value)]),
      ...numbers.map((i): [string, string] => [`only${value}-${i}.yaml`, thing(`moved${i}`, value)]),
    ];
    await using test = await following(Object.fromEntries(files(1)));
    const { folder, follower } = test;
    const long = new Date(Date.now() - 3_600_000);
    for (const [path, text] of files(2)) {
      await folder.write(`../next/${path}`, text);
      await utimes(folder.path(`../next/${path}`), long, long);
    }
    await rename(folder.root, `${folder.root}-old`);
    await rename(folder.path("../next"), folder.root);
    const seen = new Set<string>();
    while (!seen.has("2")) {
      seen.add([...new Set(follower.served.map((each) => each.replace(/.*=/, "")))].join());
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect([...seen]).toEqual(["1", "2"]);
  });

  it("that is replaced by another is seen as one change, though files lose much and reading takes long", async () => {
    const files = (value: number): [string, string][] =>
      [...Array(70).keys()].map((i) => [`${i}.yaml`, things(thing(`same${i}`, value), thing(`only${value}-${i}`))]);
    await using test = await following(Object.fromEntries(files(1)), { restlessMs: 60 });
    const { folder, follower, disk } = test;
    const long = new Date(Date.now() - 3_600_000);
    for (const [path, text] of files(2)) {
      await folder.write(`../next/${path}`, text);
      await utimes(folder.path(`../next/${path}`), long, long);
    }
    const read = disk.read.bind(disk);
    let reads = 0;
    disk.read = async (path, maxBytes) => {
      reads++;
      await new Promise((resolve) => setTimeout(resolve, 5));
      return await read(path, maxBytes);
    };
    const states = new Set([follower.served.join()]);
    await rename(folder.root, `${folder.root}-old`);
    await rename(folder.path("../next"), folder.root);
    while (!follower.served.includes("only2-0=1")) {
      await new Promise((resolve) => setImmediate(resolve));
      states.add(follower.served.join());
    }
    expect(follower.served).toHaveLength(140);
    expect(follower.served.filter((each) => each.startsWith("only1") || /same\d+=1/.test(each))).toEqual([]);
    expect(states.size).toBe(2);
    expect(reads).toBe(70); // once each: that they lost something is believed when they have stood still, without reading again
  });

  it("that is a link which is swapped is taken as an update", async () => {
    await using folder = await TestFolder.create({ "v1/a.yaml": thing("a"), "v2/a.yaml": thing("a", 2) });
    await folder.link("root", "v1");
    await using follower = await Follower.synced(
      createFileSource({ root: folder.path("root"), decode, timings: quick }),
    );
    await folder.link("root.tmp", "v2");
    await folder.move("root.tmp", "root");
    await follower.untilServed("a=2");
    await folder.write("v2/a.yaml", thing("a", 3));
    await follower.untilServed("a=3");
  });

  it("that is replaced by an empty one is doubted, then believed", async () => {
    await using test = await following({ "a.yaml": thing("a") });
    const { folder, follower } = test;
    await rename(folder.root, `${folder.root}-old`);
    await mkdir(folder.root);
    await follower.until(() => follower.degraded?.code === "folder-replaced");
    expect(follower.degraded).toMatchObject({
      message: `${folder.root} was replaced by an empty folder; put the files into it, or it counts as emptied in 0.15 s`,
      action: "what was read from it before stays in service until then, and is deleted after that",
    });
    expect(follower.served).toEqual(["a=1"]);
    await follower.untilServed();
    await follower.until(() => follower.degraded === undefined);
    await folder.write("a.yaml", thing("a", 2));
    await follower.untilServed("a=2");
  });

  it("whose volume is gone deletes nothing, however long that lasts", async () => {
    await using test = await following({ "a.yaml": thing("a") }, { pollMs: 20 });
    const { folder, follower, disk } = test;
    disk.disguise = await onAnotherDevice(folder.root);
    await swapUnseen(disk, `${folder.root}-volume`, folder.root);
    await follower.until(() => follower.degraded?.code === "volume-missing");
    await new Promise((resolve) => setTimeout(resolve, 3 * quick.replacedMs!));
    expect(follower.served).toEqual(["a=1"]);
    await folder.remove();
    await rename(`${folder.root}-volume`, folder.root);
    await follower.until(() => follower.degraded === undefined);
    await folder.write("a.yaml", thing("a", 2));
    await follower.untilServed("a=2");
    expect(follower.log.filter((line) => line.startsWith("-"))).toEqual([]);
  });
});

describe("a folder below the root", () => {
  it("that can't be read keeps what it had, and the rest goes on", async () => {
    await using test = await following({ "a.yaml": thing("a"), "sub/b.yaml": thing("b") }, { pollMs: 30 });
    const { folder, follower, disk } = test;
    disk.fail = (_operation, path) => (path.endsWith("/sub") ? "EACCES" : undefined);
    await follower.until(() => follower.problems.includes("folder-unreadable sub"));
    await folder.write("a.yaml", thing("a", 2));
    await follower.untilServed("a=2", "b=1");
    await folder.write("sub/b.yaml", thing("b", 2));
    disk.fail = () => undefined;
    await follower.untilServed("a=2", "b=2");
    await follower.until(() => follower.problems.length === 0);
    expect(follower.degraded).toBeUndefined();
  });

  it("that can't be read at the start doesn't hold up the others", async () => {
    await using folder = await TestFolder.create({ "a.yaml": thing("a"), "lost+found/b.yaml": thing("b") });
    const disk = new FaultyDisk();
    disk.fail = (_operation, path) => (path.endsWith("/lost+found") ? "EACCES" : undefined);
    const source = createFileSource({ root: folder.root, decode, disk, timings: { ...timings, pollMs: 30 } });
    await using follower = await Follower.synced(source);
    expect(follower.served).toEqual(["a=1"]);
    expect(follower.problems).toEqual(["folder-unreadable lost+found"]);
    disk.fail = () => undefined;
    await follower.untilServed("a=1", "b=1");
  });

  it("that is replaced by another is one change with all folders in it, which needs no poll", async () => {
    await using folder = await TestFolder.create({ "sub/a.yaml": thing("a"), "sub/in/deep/b.yaml": thing("b") });
    await using follower = await Follower.synced(createFileSource({ root: folder.root, decode, timings: unpolled }));
    await folder.write("../next/a.yaml", thing("a", 2));
    await folder.write("../next/in/deep/b.yaml", thing("b", 2));
    await folder.write("../next/in/new/c.yaml", thing("c", 2));
    follower.batches.length = 0;
    renameSync(folder.path("sub"), folder.path("../away"));
    renameSync(folder.path("../next"), folder.path("sub")); // in the same breath: nobody sees that it is gone for a moment
    await follower.untilServed("a=2", "b=2", "c=2");
    expect(follower.batches.filter(({ kind }) => kind === "patch")).toHaveLength(1);
    // What was moved away is watched no longer, and what took its place is.
    await folder.write("sub/in/deep/b.yaml", thing("b", 3));
    await follower.untilServed("a=2", "b=3", "c=2");
    await folder.remove("sub/in");
    await follower.untilServed("a=2");
  });

  it("whose volume is gone keeps what it had", async () => {
    await using test = await following({ "a.yaml": thing("a"), "sub/b.yaml": thing("b") }, { pollMs: 20 });
    const { folder, follower, disk } = test;
    disk.disguise = await onAnotherDevice(folder.path("sub"));
    await swapUnseen(disk, folder.path("../volume"), folder.path("sub"));
    await follower.until(() => follower.problems.includes("volume-missing sub"));
    await new Promise((resolve) => setTimeout(resolve, 3 * quick.replacedMs!));
    expect(follower.served).toEqual(["a=1", "b=1"]);
  });
});

const unpolled = { ...timings, pollMs: 600_000 };

describe("a folder that was made later", () => {
  it("goes with the folder that it is in", async () => {
    await using folder = await TestFolder.create({ "sub/a.yaml": thing("a"), "b.yaml": thing("b") });
    const disk = new FaultyDisk();
    await using follower = await Follower.synced(
      createFileSource({ root: folder.root, decode, disk, timings: unpolled }),
    );
    const { watching } = disk;
    await folder.write("sub/new/c.yaml", thing("c"));
    await follower.untilServed("a=1", "b=1", "c=1");
    await folder.move("sub", "../away");
    await follower.untilServed("b=1");
    expect(disk.watching).toBe(watching - 1);
  });

  it("and could never be read leaves no problem behind when the folder that it is in goes", async () => {
    await using folder = await TestFolder.create({ "sub/a.yaml": thing("a"), "b.yaml": thing("b") });
    const disk = new FaultyDisk();
    disk.fail = (operation, path) => (operation === "list" && path.endsWith("/new") ? "EACCES" : undefined);
    await using follower = await Follower.synced(
      createFileSource({ root: folder.root, decode, disk, timings: unpolled }),
    );
    await folder.write("sub/new/c.yaml", thing("c"));
    await follower.until(() => follower.problems.join() === "folder-unreadable sub/new");
    await folder.move("sub", "../away");
    await follower.until(() => follower.problems.length === 0);
    await follower.untilServed("b=1");
  });

  it("and could not be looked at is still known to be in the one above it, when that can be seen again", async () => {
    await using folder = await TestFolder.create({ "new/in/c.yaml": thing("c") });
    const disk = new FaultyDisk();
    const watches = new Watches(disk, new Marks());
    const { root } = folder;
    const tree = new Tree({
      root,
      disk,
      watches,
      clock: systemClock,
      limits: defaultLimits,
      timings: { ...defaultTimings, ...timings },
    });
    disk.fail = (operation, path) => (operation === "stat" && path.includes("/new") ? "EIO" : undefined);
    await tree.scan("", true, new Set());
    await tree.scan("new/in", false, new Set());
    expect([...tree.problems()]).toHaveLength(2);
    await folder.remove("new/in");
    disk.fail = () => undefined;
    await tree.scan("new", false, new Set());
    expect([[...tree.problems()], tree.isFolder("new"), tree.isFolder("new/in")]).toEqual([[], true, false]);
    watches.close();
  });

  it("and goes while it is looked at is gone", async () => {
    await using folder = await TestFolder.create({ "b.yaml": thing("b") });
    const disk = new FaultyDisk();
    disk.fail = (operation, path) => (operation === "list" && path.endsWith("/new") ? "ENOENT" : undefined);
    await using follower = await Follower.synced(
      createFileSource({ root: folder.root, decode, disk, timings: unpolled }),
    );
    await folder.write("new/c.yaml", thing("c"));
    await folder.write("b.yaml", thing("b", 2));
    await follower.untilServed("b=2");
    expect(follower.log.filter((line) => line.startsWith("problems"))).toEqual([]);
  });
});

describe("a file", () => {
  it("that can't be read keeps its last good version and is tried again", async () => {
    await using test = await following({ "a.yaml": thing("a") }, { pollMs: 30 });
    const { folder, follower, disk } = test;
    disk.fail = (operation) => (operation === "read" ? "EACCES" : undefined);
    await folder.write("a.yaml", thing("a", 2));
    await follower.until(() => follower.problems.includes("file-unreadable a.yaml"));
    expect(follower.served).toEqual(["a=1"]);
    disk.fail = () => undefined;
    await follower.untilServed("a=2");
    await follower.until(() => follower.problems.length === 0);
  });

  it("that can't be looked at keeps its last good version", async () => {
    await using test = await following({ "a.yaml": thing("a"), "b.yaml": thing("b") }, { pollMs: 30 });
    const { folder, follower, disk } = test;
    disk.fail = (operation, path) => (operation === "stat" && path.endsWith("a.yaml") ? "EIO" : undefined);
    await folder.write("b.yaml", thing("b", 2));
    await follower.untilServed("a=1", "b=2");
    await follower.until(() => follower.problems.includes("file-unreadable a.yaml"));
    disk.fail = () => undefined;
    await follower.until(() => follower.problems.length === 0);
    expect(follower.served).toEqual(["a=1", "b=2"]);
  });
});

describe("a link", () => {
  it("that leads nowhere any more keeps what it led to in service, poll after poll", async () => {
    await using test = await following(
      { "../real/a.yaml": thing("x", "a"), "b.yaml": thing("x", "b") },
      { pollMs: 10 },
    );
    const { folder, follower } = test;
    await folder.link("a.yaml", "../real/a.yaml");
    await follower.untilServed("x=a");
    await folder.remove("../real/a.yaml");
    await follower.until(() => follower.problems.includes("dangling-link a.yaml"));
    await new Promise((resolve) => setTimeout(resolve, 5 * quick.goneMs!));
    await folder.write("../real/a.yaml", thing("x", "back"));
    await follower.untilServed("x=back");
    expect(follower.log.filter((line) => /^[-+]/.test(line))).toEqual(["+x=a", "+x=back"]);
  });
});

describe("without watches", () => {
  it.each(["ENOSPC", "EMFILE"])("(%s) changes are seen by looking, and that is said", async (code) => {
    await using folder = await TestFolder.create({ "a.yaml": thing("a"), "sub/b.yaml": thing("b") });
    const disk = new FaultyDisk();
    disk.fail = (operation) => (operation === "watch" ? code : undefined);
    const source = createFileSource({
      root: folder.root,
      decode,
      disk,
      timings: { ...timings, unwatchedPollMs: 20, pollShare: 1 },
    });
    await using follower = await Follower.synced(source);
    await folder.write("sub/b.yaml", thing("b", 2));
    await folder.remove("a.yaml");
    await folder.write("new/c.yaml", thing("c"));
    await follower.untilServed("b=2", "c=1");
    expect(follower.problem("watch-limit")).toMatchObject({ severity: "warning" });
    expect(follower.problem("watch-limit").message).toContain(`(${code}); raise the limit: fs.inotify`);
    disk.fail = () => undefined;
    await follower.until(() => follower.problems.length === 0);
  });

  it("that were lost, everything is looked at once more", async () => {
    await using folder = await TestFolder.create({ "a.yaml": thing("a") });
    const lose: (() => void)[] = [];
    const deaf: Disk = {
      ...nodeDisk,
      watch: (_path, _onChange, onLost) => {
        lose.push(() => onLost(new Error("lost")));
        return () => undefined;
      },
    };
    await using follower = await Follower.synced(
      createFileSource({ root: folder.root, decode, disk: deaf, timings: quick }),
    );
    await folder.write("a.yaml", thing("a", 2));
    for (const lost of lose.splice(0)) lost();
    await follower.untilServed("a=2");
  });

  it("a poll finds what no watch reports, such as a new target of a link", async () => {
    await using folder = await TestFolder.create({ "../real/a.yaml": thing("a") });
    await folder.link("a.yaml", "../real/a.yaml");
    const source = createFileSource({ root: folder.root, decode, timings: { ...quick, pollMs: 30, pollShare: 1 } });
    await using follower = await Follower.synced(source);
    await folder.write("../real/a.yaml", thing("a", 2));
    await follower.untilServed("a=2");
  });

  it("a rescan reads even what looks unchanged", async () => {
    await using folder = await TestFolder.create({ "a.yaml": thing("a") });
    // A file system that never tells: every file always looks the same, and old.
    const blind: Disk = {
      ...nodeDisk,
      stat: async (path) => frozen(await nodeDisk.stat(path)),
      read: async (path, maxBytes) => {
        const { bytes, stat } = await nodeDisk.read(path, maxBytes);
        return { bytes, stat: frozen(stat) };
      },
      watch: () => () => undefined,
    };
    const source = createFileSource({
      root: folder.root,
      decode,
      disk: blind,
      timings: { ...quick, pollMs: 20, pollShare: 1 },
    });
    await using follower = await Follower.synced(source);
    await folder.write("a.yaml", thing("a", 2));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(follower.served).toEqual(["a=1"]);
    source.rescan();
    await follower.untilServed("a=2");
  });
});

/** Makes any folder but the present one look as if it were on another device. */
async function onAnotherDevice(folder: string): Promise<FaultyDisk["disguise"]> {
  const { ino } = await nodeDisk.stat(folder);
  return (path, stat) => (path === folder && stat.ino !== ino ? { ...stat, dev: stat.dev + 1 } : stat);
}

/** Moves a folder away and an empty one in its place; between the two, which an unmount does not have, nothing can be looked at. */
async function swapUnseen(disk: FaultyDisk, away: string, folder: string): Promise<void> {
  await mkdir(`${away}-empty`);
  disk.fail = () => "EIO";
  await rename(folder, away);
  await rename(`${away}-empty`, folder);
  disk.fail = () => undefined;
}

function frozen(stat: DiskStat): DiskStat {
  return stat.kind === "file" ? { ...stat, size: 100, mtimeMs: 0, ctimeMs: 0, ino: 1 } : stat;
}
