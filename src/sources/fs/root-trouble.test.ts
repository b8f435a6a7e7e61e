import { mkdir, rename, utimes } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { createFileSource } from "./source.ts";
import { following, timings, onAnotherDevice, swapUnseen } from "./testing/faulty-disk.ts";
import { decode, Follower, quick, TestFolder, thing, things } from "./testing/harness.ts";

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

  it("that was empty at first and is filled keeps what came, when its volume is gone before the next poll", async () => {
    await using test = await following({}, { pollMs: 600_000 });
    const { folder, follower, disk } = test;
    await folder.write("a.yaml", thing("a"));
    await follower.untilServed("a=1");
    disk.disguise = await onAnotherDevice(folder.root);
    await swapUnseen(disk, folder.path("../volume"), folder.root);
    await follower.until(() => follower.degraded?.code === "volume-missing");
    await new Promise((resolve) => setTimeout(resolve, 3 * quick.replacedMs!));
    expect(follower.served).toEqual(["a=1"]);
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
