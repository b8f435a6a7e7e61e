import { appendFile, rename, truncate, unlink, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { decode, Follower, quick, TestFolder, thing, things } from "./testing/harness.ts";
import { createFileSource } from "./source.ts";

/** A folder that is followed, and what is followed of it; polls are far too seldom to help. */
async function following(files: Readonly<Record<string, string>>, timings = quick) {
  const folder = await TestFolder.create(files);
  const source = createFileSource({ root: folder.root, decode, timings });
  const follower = await Follower.synced(source);
  follower.log.length = 0;
  return {
    folder,
    follower,
    source,
    async [Symbol.asyncDispose]() {
      await follower[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe("a file that is saved", () => {
  it("shows as one update", async () => {
    await using test = await following({ "a.yaml": things(thing("a"), thing("b")) });
    await test.folder.write("a.yaml", things(thing("a", 2), thing("b")));
    await test.follower.untilServed("a=2", "b=1");
    expect(test.follower.log).toEqual(["+a=2"]);
  });

  it("shows when another file takes its place", async () => {
    await using test = await following({ "a.yaml": thing("a") });
    await test.folder.replace("a.yaml", thing("a", 2));
    await test.follower.untilServed("a=2");
    expect(test.follower.log).toEqual(["+a=2"]);
  });

  it("shows as an update and no deletion when it is moved aside first, as vim does", async () => {
    await using test = await following({ "a.yaml": thing("a") });
    await rename(test.folder.path("a.yaml"), test.folder.path("a.yaml~"));
    await writeFile(test.folder.path("a.yaml"), thing("a", 2));
    await unlink(test.folder.path("a.yaml~"));
    await test.follower.untilServed("a=2");
    expect(test.follower.log).toEqual(["+a=2"]);
  });

  it("deletes nothing while it is cut to nothing and written anew", async () => {
    await using test = await following(
      { "a.yaml": things(thing("a"), thing("b")) },
      { ...quick, lossMs: 2000, restlessMs: 10_000 },
    );
    await truncate(test.folder.path("a.yaml"));
    await test.folder.write("marker.yaml", thing("marker")); // by the time it shows, the empty file has been looked at
    await test.follower.untilServed("a=1", "b=1", "marker=1");
    await appendFile(test.folder.path("a.yaml"), thing("a", 2));
    await test.folder.write("marker.yaml", thing("marker", 2));
    await test.follower.untilServed("a=1", "b=1", "marker=2");
    await appendFile(test.folder.path("a.yaml"), `---\n${thing("b", 2)}`);
    await test.follower.untilServed("a=2", "b=2", "marker=2");
    expect(test.follower.log.filter((line) => line.startsWith("-"))).toEqual([]);
  });

  it("changes nothing by comments, blank lines or a new order", async () => {
    await using test = await following({ "a.yaml": things(thing("a"), thing("b")) });
    await test.folder.write("a.yaml", `# comment\n\n${things(thing("b"), `\n${thing("a")}# end\n`)}`);
    await test.folder.write("b.yaml", thing("c"));
    await test.follower.untilServed("a=1", "b=1", "c=1");
    expect(test.follower.log).toEqual(["+c=1"]);
  });

  it("has its resources say where they are now", async () => {
    await using test = await following({ "a.yaml": things(thing("a"), thing("b")) });
    expect(test.follower.origin("b")).toBe("a.yaml:8");
    const before = test.follower.resources.get("b");
    await test.folder.write("a.yaml", things(thing("new"), "# two\n# lines\n", thing("a"), thing("b")));
    await test.follower.untilServed("a=1", "b=1", "new=1");
    expect(test.follower.resources.get("b")).toBe(before);
    expect(test.follower.origin("b")).toBe("a.yaml:18");
  });

  it("that goes on changing is read all the same, and loses nothing meanwhile", async () => {
    await using test = await following(
      { "a.yaml": things(thing("a", 0), thing("b")) },
      { ...quick, settleMs: 100, restlessMs: 200, lossMs: 150 },
    );
    let stop = false;
    const scribbling = (async () => {
      for (let i = 1; !stop; i++) {
        await test.folder.write("a.yaml", thing("a", i));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    await test.follower.until(() => test.follower.log.length > 1);
    stop = true;
    await scribbling;
    expect(test.follower.resources.has("b")).toBe(true);
  });
});

describe("what is removed", () => {
  it("is deleted: a document", async () => {
    await using test = await following({ "a.yaml": things(thing("a"), thing("b"), thing("c")) });
    await test.folder.write("a.yaml", things(thing("a"), thing("c")));
    await test.follower.untilServed("a=1", "c=1");
    expect(test.follower.log).toEqual(["-b"]);
  });

  it("is deleted: a file", async () => {
    await using test = await following({ "a.yaml": thing("a"), "b.yaml": thing("b") });
    await test.folder.remove("a.yaml");
    await test.follower.untilServed("b=1");
    expect(test.follower.log).toEqual(["-a"]);
  });

  it("is deleted: all documents of a file that is emptied", async () => {
    await using test = await following({ "a.yaml": thing("a") });
    await test.folder.write("a.yaml", "");
    await test.follower.untilServed();
    expect(test.follower.log).toEqual(["-a"]);
  });

  it("is deleted: a folder with all in it", async () => {
    await using test = await following({
      "a.yaml": thing("a"),
      "sub/b.yaml": thing("b"),
      "sub/deep/c.yaml": thing("c"),
    });
    await test.folder.remove("sub");
    await test.follower.untilServed("a=1");
    expect(test.follower.log.sort()).toEqual(["-b", "-c"]);
  });

  it("is deleted: everything, if the folder itself stays", async () => {
    await using test = await following({ "a.yaml": thing("a"), "b.yaml": thing("b") });
    await test.folder.remove("a.yaml");
    await test.folder.remove("b.yaml");
    await test.follower.untilServed();
    expect(test.follower.log.sort()).toEqual(["-a", "-b"]);
  });

  it("comes back when it is restored word for word", async () => {
    await using test = await following({ "a.yaml": things(thing("a"), thing("b")) });
    await test.folder.write("a.yaml", thing("a"));
    await test.follower.untilServed("a=1");
    await test.folder.write("a.yaml", things(thing("a"), thing("b")));
    await test.follower.untilServed("a=1", "b=1");
    expect(test.follower.log).toEqual(["-b", "+b=1"]);
  });

  it("is deleted when something that is no file takes its place", async () => {
    await using test = await following({ "a.yaml": thing("a"), "b.yaml": thing("b") });
    await test.folder.remove("a.yaml");
    await test.folder.write("a.yaml/c.yaml", thing("c"));
    await test.follower.untilServed("b=1", "c=1");
    expect(test.follower.log.sort()).toEqual(["+c=1", "-a"]);
  });
});

describe("what moves", () => {
  it("is no event, in either direction of the path order", async () => {
    await using test = await following({ "m.yaml": things(thing("a"), thing("b")) });
    const before = test.follower.resources.get("b");
    await test.folder.move("m.yaml", "z.yaml");
    await test.folder.write("marker.yaml", thing("marker"));
    await test.follower.untilServed("a=1", "b=1", "marker=1");
    await test.folder.move("z.yaml", "sub/a.yaml");
    await test.folder.write("marker.yaml", thing("marker", 2));
    await test.follower.untilServed("a=1", "b=1", "marker=2");
    await test.follower.until(() => test.follower.origin("b") === "sub/a.yaml:8");
    expect(test.follower.resources.get("b")).toBe(before);
    await test.folder.remove("sub");
    await test.follower.untilServed("marker=2");
    expect(test.follower.log).toEqual(["+marker=1", "+marker=2", "-a", "-b"]);
  });

  it("from file to file is no event", async () => {
    await using test = await following({ "a.yaml": things(thing("a"), thing("b")), "c.yaml": thing("c") });
    await test.folder.write("c.yaml", things(thing("c"), thing("b")));
    await test.folder.write("a.yaml", thing("a"));
    await test.follower.until(() => test.follower.origin("b") === "c.yaml:8");
    await test.folder.write("a.yaml", thing("a", 2));
    await test.follower.until(() => test.follower.served.includes("a=2") && test.follower.problems.length === 0);
    expect(test.follower.log.filter((line) => !line.startsWith("problems"))).toEqual(["+a=2"]);
  });

  it("with its folder is no event", async () => {
    await using test = await following({ "sub/a.yaml": thing("a") });
    await test.folder.move("sub", "other/deep");
    await test.follower.until(() => test.follower.origin("a") === "other/deep/a.yaml:1");
    await test.folder.write("other/deep/a.yaml", thing("a", 2));
    await test.follower.untilServed("a=2");
    expect(test.follower.log).toEqual(["+a=2"]);
  });
});

describe("new folders", () => {
  it("are followed from the start, however deep", async () => {
    await using test = await following({});
    await test.folder.write("x/y/z/a.yaml", thing("a"));
    await test.follower.untilServed("a=1");
    await test.folder.write("x/y/z/a.yaml", thing("a", 2));
    await test.folder.write("x/y/b.yaml", thing("b"));
    await test.follower.untilServed("a=2", "b=1");
  });

  it("are followed when they take the place of a folder of that name", async () => {
    await using test = await following({ "sub/a.yaml": thing("a") });
    await test.folder.remove("sub");
    await test.folder.write("sub/b.yaml", thing("b"));
    await test.follower.untilServed("b=1");
    await test.folder.write("sub/b.yaml", thing("b", 2));
    await test.follower.untilServed("b=2");
  });
});

describe("a folder that is named like a file", () => {
  it("comes and goes like any other", async () => {
    await using test = await following({ "b.yaml": thing("b") });
    await test.folder.write("x.yaml/a.yaml", thing("a"));
    await test.follower.untilServed("a=1", "b=1");
    await test.folder.move("x.yaml", "../elsewhere");
    await test.follower.untilServed("b=1");
  });
});

describe("a ConfigMap mount", () => {
  it("shows a swap as one update and never a deletion", async () => {
    await using test = await following({});
    const { folder, follower } = test;
    await folder.write("..1/a.yaml", thing("a"));
    await folder.write("..1/b.yaml", thing("b"));
    await folder.link("..data", "..1");
    await folder.link("a.yaml", "..data/a.yaml");
    await folder.link("b.yaml", "..data/b.yaml");
    await follower.untilServed("a=1", "b=1");
    await folder.write("..2/a.yaml", thing("a", 2));
    await folder.write("..2/b.yaml", thing("b"));
    await folder.link("..data_tmp", "..2");
    await folder.move("..data_tmp", "..data");
    await folder.remove("..1");
    await follower.untilServed("a=2", "b=1");
    expect(follower.log.slice(-1)).toEqual(["+a=2"]);
    expect(follower.log.filter((line) => line.startsWith("-"))).toEqual([]);
  });

  it("deletes what the new version no longer has, once its link is gone", async () => {
    await using test = await following({});
    const { folder, follower } = test;
    await folder.write("..1/a.yaml", thing("a"));
    await folder.write("..1/b.yaml", thing("b"));
    await folder.link("..data", "..1");
    await folder.link("a.yaml", "..data/a.yaml");
    await folder.link("b.yaml", "..data/b.yaml");
    await follower.untilServed("a=1", "b=1");
    await folder.write("..2/a.yaml", thing("a"));
    await folder.link("..data_tmp", "..2");
    await folder.move("..data_tmp", "..data");
    await follower.until(() => follower.problems.includes("dangling-link b.yaml"));
    expect(follower.served).toEqual(["a=1", "b=1"]);
    await folder.remove("b.yaml");
    await follower.untilServed("a=1");
    await follower.until(() => follower.problems.length === 0);
  });
});

describe("duplicates", () => {
  it("take over at once when the first goes, as an update", async () => {
    await using test = await following({ "a.yaml": thing("x", "first"), "b.yaml": thing("x", "second") });
    expect(test.follower.problems).toEqual(["duplicate b.yaml:1"]);
    await test.folder.remove("a.yaml");
    await test.follower.untilServed("x=second");
    await test.follower.until(() => test.follower.problems.length === 0);
    expect(test.follower.log).toEqual(["+x=second", "problems b.yaml:"]);
  });

  it("give way when an earlier one comes, and say where it is, also when it moves", async () => {
    await using test = await following({ "b.yaml": thing("x", "late") });
    const { folder, follower } = test;
    await folder.write("a.yaml", thing("x", "early"));
    await follower.untilServed("x=early");
    await follower.until(() => follower.problems.length > 0);
    expect(follower.problem("duplicate")).toMatchObject({ subject: "Thing x", action: "not served" });
    expect(follower.problem("duplicate").message).toContain("/a.yaml:1 has");
    await folder.write("a.yaml", `# one\n# two\n${thing("x", "early")}`);
    await follower.until(() => follower.problem("duplicate").message.includes("/a.yaml:3 has"));
    expect(follower.log.filter((line) => /^[-+]/.test(line))).toEqual(["+x=early"]);
  });

  it("of equal content change hands without an event", async () => {
    await using test = await following({ "a.yaml": thing("x"), "b.yaml": thing("x") });
    expect(test.follower.origin("x")).toBe("a.yaml:1");
    await test.folder.remove("a.yaml");
    await test.follower.until(() => test.follower.origin("x") === "b.yaml:1");
    await test.follower.until(() => test.follower.problems.length === 0);
    await test.folder.write("a.yaml", `# again\n${thing("x")}`);
    await test.follower.until(() => test.follower.origin("x") === "a.yaml:2");
    expect(test.follower.log.filter((line) => /^[-+]/.test(line))).toEqual([]);
  });
});

describe("problems", () => {
  it("are said when the list changes, moves with its lines, or is mended", async () => {
    await using test = await following({ "a.yaml": things(thing("a"), thing("b", "bad")) });
    const { folder, follower } = test;
    expect(follower.problems).toEqual(["bad a.yaml:13:3"]);
    await folder.write("a.yaml", things(thing("a", 2), thing("b", "bad")));
    await follower.untilServed("a=2");
    await folder.write("a.yaml", things(`\n${thing("a", 2)}`, thing("b", "bad")));
    await follower.until(() => follower.problems.includes("bad a.yaml:14:3"));
    await folder.write("a.yaml", things(thing("a", 2), thing("b", 2)));
    await follower.untilServed("a=2", "b=2");
    await follower.until(() => follower.problems.length === 0);
    expect(follower.log).toEqual(["+a=2", "problems a.yaml: bad", "+b=2", "problems a.yaml:"]);
  });

  it("go with their file", async () => {
    await using test = await following({ "a.yaml": "a: [\n", "b.yaml": "\0" });
    expect(test.follower.problems).toHaveLength(2);
    await test.folder.remove("a.yaml");
    await test.folder.remove("b.yaml");
    await test.follower.until(() => test.follower.problems.length === 0);
  });
});
