import { describe, expect, it } from "vitest";
import { decode, Follower, quick, TestFolder, thing, things } from "./harness.ts";
import { createFileSource } from "./source.ts";

/** Follows one file through its versions: what is served and what is said after each. */
async function versions(...texts: readonly (string | Buffer)[]) {
  await using folder = await TestFolder.create({ "a.yaml": texts[0]!, "marker.yaml": thing("marker", 0) });
  await using follower = await Follower.synced(createFileSource({ root: folder.root, decode, timings: quick }));
  const seen: { served: string[]; problems: string[]; actions: string[] }[] = [];
  for (let i = 0; i < texts.length; i++) {
    if (i > 0) await folder.write("a.yaml", texts[i]!);
    // The file is done with when a later change has shown and there is nothing that has to wait any more.
    await new Promise((resolve) => setTimeout(resolve, 3 * quick.lossMs!));
    await folder.write("marker.yaml", thing("marker", i + 1));
    await follower.until(() => follower.served.includes(`marker=${i + 1}`));
    const problems = follower.problems;
    const actions = [...new Set(problems.map((problem) => follower.problem(problem.split(" ")[0]!).action))];
    seen.push({ served: follower.served.filter((name) => !name.startsWith("marker")), problems, actions });
  }
  return seen;
}

const good = things(thing("a"), thing("b"), thing("c"));

describe("the last good version", () => {
  it("of a document stays in service while its YAML is broken", async () => {
    const broken = things(thing("a", 2), "kind: Thing\nmetadata: {name: b\n", thing("c"));
    const [, second, third] = await versions(good, broken, things(thing("a", 2), thing("b", 2), thing("c")));
    expect(second).toEqual({
      served: ["a=2", "b=1", "c=1"],
      problems: ["yaml-syntax a.yaml:10:1"],
      actions: ["not served; what the file held before stays in service until this is mended"],
    });
    expect(third).toEqual({ served: ["a=2", "b=2", "c=1"], problems: [], actions: [] });
  });

  it("of a document stays in service while the decoder refuses it", async () => {
    const [, second] = await versions(good, things(thing("a"), thing("b", "bad"), thing("c", 2)));
    expect(second).toEqual({
      served: ["a=1", "b=1", "c=2"],
      problems: ["bad a.yaml:13:3"],
      actions: ["the last good version stays in service"],
    });
  });

  it("goes on being served through one broken version after another", async () => {
    const seen = await versions(
      thing("a"),
      thing("a", "bad"),
      "a: [",
      thing("a", "bad"),
      "\0",
      thing("a", "boom"),
      thing("a", 2),
    );
    expect(seen.map(({ served }) => served.join())).toEqual(["a=1", "a=1", "a=1", "a=1", "a=1", "a=1", "a=2"]);
  });

  it("of a document that can be told doesn't keep others from being deleted", async () => {
    const [, second] = await versions(good, things(thing("b", "bad"), thing("c")));
    expect(second!.served).toEqual(["b=1", "c=1"]);
  });

  it("of all that is missing stays while one can't be told, and goes when the file is whole", async () => {
    const seen = await versions(good, things("a: [\n", thing("c")), thing("c"));
    expect(seen.map(({ served }) => served.join())).toEqual(["a=1,b=1,c=1", "a=1,b=1,c=1", "c=1"]);
  });

  it("of a document without a name may be that of any", async () => {
    const [, second] = await versions(thing("a"), "apiVersion: t/v1\nkind: Thing\nmetadata: {}\n");
    expect(second!.served).toEqual(["a=1"]);
  });

  it("does not stay for a document that was renamed and broken at once", async () => {
    const [, second] = await versions(thing("a"), thing("new", "bad"));
    expect(second).toEqual({ served: [], problems: ["bad a.yaml:6:3"], actions: ["not served"] });
  });

  it("stays when only the kind was mistyped, but not when the document is another", async () => {
    const [, typo, other] = await versions(thing("a"), thing("a", 2, "Thinf"), thing("a", 2, "Deployment"));
    expect(typo).toEqual({
      served: ["a=1"],
      problems: ["unknown-kind a.yaml:2:1"],
      actions: ["the last good version stays in service"],
    });
    expect(other!.served).toEqual([]);
  });

  it("stays when a file becomes junk, or is cut off in the middle of a character", async () => {
    const [, second, third] = await versions(
      thing("a"),
      Buffer.from([0, 1, 2, 3]),
      Buffer.from([0x61, 0x3a, 0x20, 0xc3]),
    );
    expect(second).toMatchObject({ served: ["a=1"], actions: ["what was read from it before stays in service"] });
    expect(third).toMatchObject({ served: ["a=1"], problems: ["not-text a.yaml"] });
  });

  it("goes with the file", async () => {
    await using folder = await TestFolder.create({ "a.yaml": good });
    await using follower = await Follower.synced(createFileSource({ root: folder.root, decode, timings: quick }));
    await folder.write("a.yaml", "a: [\n");
    await follower.until(() => follower.problems.length === 1);
    expect(follower.resources.size).toBe(3);
    await folder.remove("a.yaml");
    await follower.untilServed();
    await follower.until(() => follower.problems.length === 0);
  });

  it("stays before a duplicate in a later file, and yields to it when the file goes", async () => {
    await using folder = await TestFolder.create({ "a.yaml": thing("x", "a"), "b.yaml": thing("x", "b") });
    await using follower = await Follower.synced(createFileSource({ root: folder.root, decode, timings: quick }));
    await folder.write("a.yaml", thing("x", "bad"));
    await follower.until(() => follower.problems.some((problem) => problem.startsWith("bad")));
    expect(follower.served).toEqual(["x=a"]);
    await folder.remove("a.yaml");
    await follower.untilServed("x=b");
  });

  it("says where the broken document stands that it is the last good version of", async () => {
    await using folder = await TestFolder.create({ "a.yaml": things(thing("a"), thing("b")) });
    await using follower = await Follower.synced(createFileSource({ root: folder.root, decode, timings: quick }));
    await folder.write("a.yaml", `# moved\n${things(thing("a"), thing("b", "bad"))}`);
    await follower.until(() => follower.problems.length === 1);
    expect(follower.origin("b")).toBe("a.yaml:9");
  });
});
