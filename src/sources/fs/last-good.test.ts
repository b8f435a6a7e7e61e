import { describe, expect, it } from "vitest";
import { decode, Follower, quick, TestFolder, thing, things } from "./testing/harness.ts";
import { createFileSource } from "./source.ts";

/** A version of a file, and what is to be served and listed once it has been read. */
interface Chapter {
  readonly text: string | Buffer;
  readonly served: string;
  readonly problems?: readonly string[];
  readonly action?: string;
}

/** Writes one version of a file after the other. */
async function tell(...chapters: readonly Chapter[]): Promise<void> {
  await using folder = await TestFolder.create({ "a.yaml": chapters[0]!.text });
  await using follower = await Follower.synced(createFileSource({ root: folder.root, decode, timings: quick }));
  for (const { text, served, problems = [], action } of chapters) {
    await folder.write("a.yaml", text);
    // Problems are said behind the resources of the same reading: where there are any, nothing more is to come.
    const listed = () => follower.problems.join() === problems.join();
    await follower.until(() => listed() && (problems.length > 0 || follower.served.join() === served));
    expect(follower.served.join()).toBe(served);
    for (const problem of problems) expect(follower.problem(problem.split(" ")[0]!).action).toBe(action);
  }
}

const good = things(thing("a"), thing("b"), thing("c"));
const untold = "not served; what the file held before stays in service until this is mended";
const kept = "the last good version stays in service";
const unread = "what was read from it before stays in service";

describe("the last good version", () => {
  it("of a document stays in service while its YAML is broken", async () => {
    const broken = things(thing("a", 2), "kind: Thing\nmetadata: {name: b\n", thing("c"));
    await tell(
      { text: good, served: "a=1,b=1,c=1" },
      { text: broken, served: "a=2,b=1,c=1", problems: ["yaml-syntax a.yaml:10:1"], action: untold },
      { text: things(thing("a", 2), thing("b", 2), thing("c")), served: "a=2,b=2,c=1" },
    );
  });

  it("of a document stays in service while the decoder refuses it", async () => {
    await tell(
      { text: good, served: "a=1,b=1,c=1" },
      {
        text: things(thing("a"), thing("b", "bad"), thing("c", 2)),
        served: "a=1,b=1,c=2",
        problems: ["bad a.yaml:13:3"],
        action: kept,
      },
    );
  });

  it("goes on being served through one broken version after another", async () => {
    await tell(
      { text: thing("a"), served: "a=1" },
      { text: thing("a", "bad"), served: "a=1", problems: ["bad a.yaml:6:3"], action: kept },
      { text: "a: [", served: "a=1", problems: ["yaml-syntax a.yaml:1:5"], action: untold },
      { text: `\n${thing("a", "bad")}`, served: "a=1", problems: ["bad a.yaml:7:3"], action: kept },
      { text: "\0", served: "a=1", problems: ["not-text a.yaml:1:1"], action: untold },
      { text: thing("a", "boom"), served: "a=1", problems: ["decode-bug a.yaml:1:1"], action: kept },
      { text: thing("a", 2), served: "a=2" },
    );
  });

  it("of a document that can be told doesn't keep others from being deleted", async () => {
    const text = things(thing("b", "bad"), thing("c"));
    await tell(
      { text: good, served: "a=1,b=1,c=1" },
      { text, served: "b=1,c=1", problems: ["bad a.yaml:6:3"], action: kept },
    );
  });

  it("of all that is missing stays while one can't be told, and goes when the file is whole", async () => {
    const text = things("a: [\n", thing("c"));
    await tell(
      { text: good, served: "a=1,b=1,c=1" },
      { text, served: "a=1,b=1,c=1", problems: ["yaml-syntax a.yaml:2:1"], action: untold },
      { text: thing("c"), served: "c=1" },
    );
  });

  it("of a document without a name may be that of any", async () => {
    const text = "apiVersion: t/v1\nkind: Thing\nmetadata: {}\n";
    await tell(
      { text: thing("a"), served: "a=1" },
      { text, served: "a=1", problems: ["not-a-thing a.yaml:1:1"], action: untold },
    );
  });

  it("does not stay for a document that was renamed and broken at once", async () => {
    await tell(
      { text: thing("a"), served: "a=1" },
      { text: thing("new", "bad"), served: "", problems: ["bad a.yaml:6:3"], action: "not served" },
    );
  });

  it("stays when only the kind was mistyped, but not when the document is another", async () => {
    const problems = ["unknown-kind a.yaml:2:1"];
    await tell(
      { text: thing("a"), served: "a=1" },
      { text: thing("a", 2, "Thinf"), served: "a=1", problems, action: kept },
    );
    await tell(
      { text: thing("a"), served: "a=1" },
      { text: thing("a", 2, "Deployment"), served: "", problems, action: "the document is ignored" },
    );
  });

  it("is the one of two in a file that was served", async () => {
    await tell(
      {
        text: things(thing("x", 1), thing("z"), thing("x", 2)),
        served: "x=1,z=1",
        problems: ["duplicate a.yaml:15"],
        action: "not served",
      },
      { text: things(thing("x", "bad"), thing("z")), served: "x=1,z=1", problems: ["bad a.yaml:6:3"], action: kept },
    );
  });

  it("stays when a file becomes junk, or is cut off in the middle of a character", async () => {
    await tell(
      { text: thing("a"), served: "a=1" },
      { text: Buffer.from([0, 1, 2, 3]), served: "a=1", problems: ["not-text a.yaml:1:1"], action: untold },
      { text: thing("a", 2), served: "a=2" },
      { text: Buffer.from([0x61, 0x3a, 0x20, 0xc3]), served: "a=2", problems: ["not-text a.yaml:1:4"], action: untold },
      { text: Buffer.from(thing("b"), "utf16le"), served: "a=2", problems: ["not-text a.yaml:1:1"], action: unread },
    );
  });

  it("stays when a file is cut off in the middle of a character, within the comment at its head", async () => {
    const text = `# café\n${thing("a")}`;
    const cut = Buffer.from(text).subarray(0, 6);
    const action = untold;
    await tell({ text, served: "a=1" }, { text: cut, served: "a=1", problems: ["not-text a.yaml:1:6"], action });
  });

  it("of a document stays while there is a byte in it that is no text; the others are followed", async () => {
    const text = Buffer.from(things(thing("a", 2), `# \xe9\n${thing("b", 2)}`, thing("c", 2)), "latin1");
    await tell(
      { text: good, served: "a=1,b=1,c=1" },
      { text, served: "a=2,b=1,c=2", problems: ["not-text a.yaml:8:3"], action: untold },
      { text: things(thing("a", 2), `# \ufffd\n${thing("b", 2)}`, thing("c", 2)), served: "a=2,b=2,c=2" },
    );
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
