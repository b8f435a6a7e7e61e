import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../lib/clock.ts";
import { Marks } from "./marks.ts";
import { defaultLimits, defaultTimings } from "./options.ts";
import { createFileSource } from "./source.ts";
import { FaultyDisk, following, timings, unpolled, onAnotherDevice, swapUnseen } from "./testing/faulty-disk.ts";
import { decode, Follower, quick, TestFolder, thing } from "./testing/harness.ts";
import { Tree } from "./tree.ts";
import { Watches } from "./watches.ts";

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

  it("takes along what came into it after it was listed, when it goes as when another takes its place", async () => {
    await using folder = await TestFolder.create({ "sub/a.yaml": thing("a"), "other/b.yaml": thing("b") });
    await using follower = await Follower.synced(createFileSource({ root: folder.root, decode, timings: unpolled }));
    await folder.write("sub/c.yaml", thing("c"));
    await folder.write("other/d.yaml", thing("d"));
    await follower.untilServed("a=1", "b=1", "c=1", "d=1");
    await folder.write("../next/b.yaml", thing("b", 2));
    renameSync(folder.path("sub"), folder.path("../gone"));
    renameSync(folder.path("other"), folder.path("../away"));
    renameSync(folder.path("../next"), folder.path("other"));
    await follower.untilServed("b=2");
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

describe("a folder that was removed and made again", () => {
  /** A source that sees all folders under the number of their place: file systems give away the number of what was removed at once. */
  async function numbered(folder: TestFolder): Promise<Follower> {
    const disk = new FaultyDisk();
    disk.disguise = (path, stat) => (stat.kind === "folder" ? { ...stat, ino: path.length } : stat);
    return await Follower.synced(createFileSource({ root: folder.root, decode, disk, timings: unpolled }));
  }

  /** In the same breath: nobody sees that it is gone for a moment. */
  function remake(path: string, file: string, text: string): void {
    rmSync(path, { recursive: true });
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text);
  }

  it("is watched again, though it has the same number", async () => {
    await using folder = await TestFolder.create({ "sub/in/a.yaml": thing("a"), "b.yaml": thing("b") });
    await using follower = await numbered(folder);
    remake(folder.path("sub"), "in/a.yaml", thing("a", 2));
    await follower.untilServed("a=2", "b=1");
    await folder.write("sub/in/a.yaml", thing("a", 3));
    await folder.write("sub/c.yaml", thing("c"));
    await follower.untilServed("a=3", "b=1", "c=1");
  });

  it("is watched again where it is the root", async () => {
    await using folder = await TestFolder.create({ "a.yaml": thing("a") });
    await using follower = await numbered(folder);
    remake(folder.root, "a.yaml", thing("a", 2));
    await follower.untilServed("a=2");
    await folder.write("a.yaml", thing("a", 3));
    await follower.untilServed("a=3");
  });

  it("is watched on, when what changes in it has its name", async () => {
    await using test = await following({ "sub/sub/a.yaml": thing("a"), "b.yaml/b.yaml": thing("b") }, unpolled);
    const { folder, follower } = test;
    await folder.write("b.yaml/b.yaml", thing("b", 2));
    renameSync(folder.path("sub/sub"), folder.path("../away"));
    await follower.untilServed("b=2");
    await folder.write("sub/sub/a.yaml", thing("a", 2));
    await folder.write("b.yaml/b.yaml", thing("b", 3));
    await follower.untilServed("a=2", "b=3");
  });
});

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
