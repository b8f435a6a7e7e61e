import { describe, expect, it } from "vitest";
import { nodeDisk, type Disk, type DiskStat } from "./disk.ts";
import { createFileSource } from "./source.ts";
import { FaultyDisk, timings } from "./testing/faulty-disk.ts";
import { decode, Follower, quick, TestFolder, thing } from "./testing/harness.ts";

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

function frozen(stat: DiskStat): DiskStat {
  return stat.kind === "file" ? { ...stat, size: 100, mtimeMs: 0, ctimeMs: 0, ino: 1 } : stat;
}
