import { describe, expect, it } from "vitest";
import { following } from "./testing/faulty-disk.ts";
import { quick, thing } from "./testing/harness.ts";

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
