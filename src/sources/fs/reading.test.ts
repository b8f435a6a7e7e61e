import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { decode, Follower, quick, TestFolder, thing, things } from "./testing/harness.ts";
import { createFileSource } from "./source.ts";

async function reading(
  files: Readonly<Record<string, string | Buffer>>,
  prepare?: (folder: TestFolder) => Promise<void>,
) {
  await using folder = await TestFolder.create(files);
  await prepare?.(folder);
  await using follower = await Follower.synced(createFileSource({ root: folder.root, decode, timings: quick }));
  return follower;
}

describe("reading a folder for the first time", () => {
  it("says what each file holds, then that it is synced", async () => {
    const { served, log } = await reading({ "a.yaml": thing("a"), "b.yml": thing("b"), "sub/deep/c.yaml": thing("c") });
    expect(served).toEqual(["a=1", "b=1", "c=1"]);
    expect(log.at(-1)).toBe("synced");
  });

  it("is synced at once with an empty folder", async () => {
    expect((await reading({})).log).toEqual(["synced"]);
  });

  it("takes a resource without a namespace by its bare name", async () => {
    const spaced = "apiVersion: test/v1\nkind: Thing\nmetadata: {name: b, namespace: ns}\n";
    expect((await reading({ "a.yaml": things(thing("a"), spaced) })).served).toEqual(["a=1", "ns/b=null"]);
  });

  it("takes several documents from a file, and one name in two collections", async () => {
    expect((await reading({ "a.yaml": things(thing("a"), thing("b"), thing("a", 1, "Other")) })).served).toEqual([
      "a=1",
      "b=1",
      "others:a=1",
    ]);
  });

  it("tells documents apart by CRLF lines, comments behind dashes, and dots", async () => {
    const text = `${thing("a")}--- # next\n${thing("b")}...\n---\n${thing("c")}---\n# only a comment\n---\n\n`;
    expect((await reading({ "a.yaml": text.replaceAll("\n", "\r\n") })).served).toEqual(["a=1", "b=1", "c=1"]);
  });

  it("leaves PEM text in one piece", async () => {
    const pem = "|\n    -----BEGIN CERTIFICATE-----\n    MIIB\n    -----END CERTIFICATE-----";
    const { served, problems } = await reading({ "a.yaml": things(thing("a", pem), thing("b")) });
    expect(served).toHaveLength(2);
    expect(problems).toEqual([]);
  });

  it("reads only .yaml, .yml and .json, in just that spelling", async () => {
    const files = ["a.YAML", "b.yaml.bak", "c.txt", "yaml", "d.yaml~", "e.toml"];
    expect((await reading(Object.fromEntries(files.map((file) => [file, thing("x")])))).served).toEqual([]);
  });

  it("reads hidden files and folders, as Galley 1.3.6 does", async () => {
    const { served } = await reading({ ".yaml": thing("a"), ".hidden.yml": thing("b"), ".dir/c.yaml": thing("c") });
    expect(served).toEqual(["a=1", "b=1", "c=1"]);
  });

  it("passes over what only looks like configuration", async () => {
    const { log } = await reading(
      { "._a.yaml": "\0\0", ".git/a.yaml": thing("b"), "a.yaml/x.txt": "" },
      async (folder) => {
        await folder.link(".#a.yaml", "somebody@host.1234:5678");
        execFileSync("sh", ["-c", "mkfifo pipe.yaml"], { cwd: folder.root });
      },
    );
    expect(log).toEqual(["synced"]);
  });

  it("descends into a folder that is named like a file", async () => {
    expect((await reading({ "x.yaml/a.yaml": thing("a") })).served).toEqual(["a=1"]);
  });

  it("follows links to files, but not to folders below the root", async () => {
    const { served, problems } = await reading({ "real/a.yaml": thing("a") }, async (folder) => {
      await folder.write("../outside/b.yaml", thing("b"));
      await folder.link("b.yaml", "../outside/b.yaml");
      await folder.link("dir", "../outside");
      await folder.link("dir.yaml", "../outside");
    });
    expect(served).toEqual(["a=1", "b=1"]);
    expect(problems).toEqual([]);
  });

  it("follows a root that is a link", async () => {
    await using folder = await TestFolder.create({ "real/a.yaml": thing("a") });
    await folder.link("root", "real");
    await using follower = await Follower.synced(createFileSource({ root: folder.path("root"), decode }));
    expect(follower.served).toEqual(["a=1"]);
  });

  it("reads each document of a ConfigMap mount once", async () => {
    const { served, problems } = await reading({ "..2031_01_01_00/a.yaml": thing("a") }, async (folder) => {
      await folder.link("..data", "..2031_01_01_00");
      await folder.link("a.yaml", "..data/a.yaml");
    });
    expect(served).toEqual(["a=1"]);
    expect(problems).toEqual([]);
  });

  it("reports a link that leads nowhere", async () => {
    const { problems } = await reading({}, (folder) => folder.link("a.yaml", "nothing"));
    expect(problems).toEqual(["dangling-link a.yaml"]);
  });

  it("copes with any file name", async () => {
    const names = ["new\nline.yaml", "tab\t.yaml", "quote'\".yaml", "ünï.yaml", " .yaml", "-a.yaml", "$(x).yaml"];
    const files = Object.fromEntries(names.map((name, i) => [name, thing(`a${i}`)]));
    const { served, resources } = await reading(files);
    expect(served).toHaveLength(names.length);
    expect(resources.get("a0")!.origin.describe()).toMatch(/\/new\\x0aline\.yaml:1$/);
  });

  it("reports names that are not UTF-8", async () => {
    await using folder = await TestFolder.create({ "a.yaml": thing("a") });
    execFileSync("sh", ["-c", String.raw`touch "$(printf 'bad\377.yaml')"`], { cwd: folder.root });
    await using follower = await Follower.synced(createFileSource({ root: folder.root, decode }));
    expect(follower.served).toEqual(["a=1"]);
    expect(follower.problem("bad-file-name").message).toContain("has 1 files whose names are not UTF-8");
  });
});

describe("lists and JSON", () => {
  it("takes the items of a list one by one, and of lists in it", async () => {
    const inner =
      "- apiVersion: v1\n  kind: ThingList\n  items:\n  - {kind: Thing, apiVersion: t/v1, metadata: {name: b}, spec: {value: 2}}\n";
    const item = "- apiVersion: t/v1\n  kind: Thing\n  metadata:\n    name: a\n  spec:\n    value: 1\n";
    const follower = await reading({ "a.yaml": `apiVersion: v1\nkind: List\nitems:\n${item}${inner}- kind: Thing\n` });
    expect(follower.served).toEqual(["a=1", "b=2"]);
    expect(follower.origin("a")).toBe("a.yaml:4");
    expect(follower.origin("b")).toBe("a.yaml:13");
    expect(follower.problems).toEqual(["not-a-thing a.yaml:14:3"]);
  });

  it("takes an empty list for what it is", async () => {
    const files = {
      "a.yaml": "kind: List\nitems: []\n",
      "b.yaml": things("apiVersion: v1\nkind: List\nitems:\n", thing("b")),
      "c.json": `{"kind": "ThingList", "items": null}`,
    };
    const { served, problems } = await reading(files);
    expect([served, problems]).toEqual([["b=1"], []]);
    expect((await reading({ "a.yaml": "kind: List\nitem: []\n" })).problems).toEqual(["not-a-thing a.yaml:1:1"]);
  });

  it("reads JSON files", async () => {
    const a = { apiVersion: "t/v1", kind: "Thing", metadata: { name: "a" }, spec: { value: 1 } };
    const list = { kind: "List", items: [{ ...a, metadata: { name: "b" } }] };
    const files = {
      "a.json": `\ufeff${JSON.stringify(a)}`,
      "b.json": JSON.stringify(list, undefined, "\t"),
      "c.json": " \n",
    };
    const { served, problems } = await reading(files);
    expect(served).toEqual(["a=1", "b=1"]);
    expect(problems).toEqual([]);
  });

  it("refuses JSON that isn't, or that gives a key twice", async () => {
    const { problems } = await reading({
      "a.json": '{"kind": "Thing",\n "kind": "Other"}',
      "b.json": thing("b"),
      "c.json": "{\n}}",
    });
    expect(problems).toEqual(["duplicate-key a.json:2:2", "json-syntax b.json:1:1", "json-syntax c.json:2:2"]);
  });
});

describe("documents that aren't served", () => {
  it("are passed over in silence when they are excluded or null", async () => {
    expect((await reading({ "a.yaml": things(thing("a", 1, "Excluded"), "null\n", "~\n") })).log).toEqual(["synced"]);
  });

  it("of an unknown kind don't hide their neighbours", async () => {
    const follower = await reading({ "a.yaml": things(thing("a"), thing("x", 1, "Deployment"), thing("b")) });
    expect(follower.served).toEqual(["a=1", "b=1"]);
    expect(follower.problem("unknown-kind")).toMatchObject({
      severity: "warning",
      action: "the document is ignored",
      subject: "Deployment x",
    });
    expect(follower.problems).toEqual(["unknown-kind a.yaml:9:1"]);
  });

  it("because of broken YAML are reported with their place", async () => {
    const follower = await reading({
      "a.yaml": things(thing("a"), "# c\nkind: Thing\nmetadata: {name: [}\n", thing("b")),
    });
    expect(follower.served).toEqual(["a=1", "b=1"]);
    expect(follower.problems).toEqual(["yaml-syntax a.yaml:10:19"]);
    expect(follower.problem("yaml-syntax")).toMatchObject({ severity: "error", action: "not served" });
  });

  it("because the decoder refuses them are reported at the value", async () => {
    const follower = await reading({ "a.yaml": `# one\n\n${thing("a", "bad")}` });
    expect(follower.problems).toEqual(["bad a.yaml:8:3"]);
    expect(follower.problem("bad")).toMatchObject({ action: "not served", subject: "Thing a" });
  });

  it("because the decoder trips over them harm nobody else", async () => {
    const follower = await reading({ "a.yaml": things(thing("a", "boom"), thing("b")) });
    expect(follower.served).toEqual(["b=1"]);
    expect(follower.problem("decode-bug").message).toContain("boom");
  });

  it.each([
    ["a scalar", "just text\n", "not-a-thing a.yaml:1:1"],
    ["a list", "- a\n", "not-a-thing a.yaml:1:1"],
    ["given a key twice", "kind: Thing\nkind: Thing\n", "duplicate-key a.yaml:2:1"],
    ["under an unknown tag", "kind: !x Thing\n", "invalid-tag a.yaml:1:7"],
    ["nested too deep", "[".repeat(200), "too-deep a.yaml:1:100"],
    ["longer than a document may be", `a: ${"x".repeat(5 * 1024 * 1024)}\n`, "document-too-large a.yaml:1:1"],
    [
      "full of aliases",
      `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [${"*a,".repeat(1000)}]\nc: [${"*b,".repeat(1000)}]`,
      "invalid-alias a.yaml:3:29",
    ],
  ])("because they are %s don't hide the next", async (_what, text, expected) => {
    const { served, problems } = await reading({ "a.yaml": things(`${text}\n`, thing("b")), "c.yaml": thing("c") });
    expect(served).toEqual(["b=1", "c=1"]);
    expect(problems).toEqual([expected]);
  });

  it("are served all the same when there are only warnings", async () => {
    const follower = await reading({ "a.yaml": thing("a", "odd") });
    expect(follower.served).toEqual(["a=odd"]);
    expect(follower.problem("odd")).toMatchObject({ severity: "warning", action: "served all the same" });
  });

  it("are listed up to a bound", async () => {
    const { batches } = await reading({
      "a.yaml": things(...Array.from({ length: 2000 }, (_, i) => thing(`a${i}`, "bad"))),
    });
    const lists = batches.flatMap((batch) => (batch.kind === "problems" ? [batch.problems] : []));
    expect(lists).toHaveLength(1);
    expect(lists[0]).toHaveLength(501);
    expect(lists[0]!.at(-1)).toMatchObject({
      code: "more-problems",
      message: expect.stringContaining("1500 more problems"),
    });
  });

  it("never hide an error behind warnings, in many documents or in one", async () => {
    const odd = Array.from({ length: 700 }, (_, i) => thing(`a${i}`, "odd"));
    const many = await reading({ "a.yaml": things(...odd, "spec: [1\n", thing("z", "bad")) });
    expect(many.problem("yaml-syntax").at!.line).toBe(odd.length * 7 + 2);
    expect(many.problem("bad")).toMatchObject({ severity: "error", action: "not served" });
    expect(many.problem("more-problems")).toMatchObject({
      severity: "warning",
      message: "the file has 202 more problems (202 warnings); mend those that are listed to see them",
      action: "not listed",
    });
    expect(many.problems).toHaveLength(501);

    const items = [...odd, thing("z", "bad")].map((text) => `- ${text.trim().replaceAll("\n", "\n  ")}\n`);
    const list = await reading({ "a.yaml": `kind: List\nitems:\n${items.join("")}` });
    expect(list.problem("bad").at!.line).toBe(2 + items.length * 6);
    expect(list.problem("more-problems")).toMatchObject({
      severity: "warning",
      message: "the document has 601 more problems (601 warnings); mend those that are listed to see them",
      action: "not listed",
    });
    expect(list.problems).toHaveLength(101);
  });
});

describe("files that aren't text", () => {
  it.each([
    ["NUL bytes", Buffer.from("kind: Thing\0\n"), "a NUL", "1:12"],
    ["invalid UTF-8", Buffer.concat([Buffer.from("\na: é"), Buffer.from([0xc3, 0x28])]), "0xc3 is not UTF-8", "2:5"],
    ["UTF-16", Buffer.from("\ufeffkind: Thing\n", "utf16le"), "UTF-16 text; save it as UTF-8", "1:1"],
    ["UTF-16 without a mark", Buffer.from("kind: Thing\n---\na: b\n", "utf16le"), "UTF-16 text", "1:1"],
    ["UTF-16 of the other order", Buffer.from("kind: Thing\n", "utf16le").swap16(), "UTF-16 text", "1:1"],
  ])("by %s are reported", async (_what, bytes, message, place) => {
    const follower = await reading({ "a.yaml": bytes, "b.yaml": thing("b") });
    expect(follower.served).toEqual(["b=1"]);
    expect(follower.problem("not-text").message).toContain(message);
    expect(follower.problems).toEqual([`not-text a.yaml:${place}`]);
  });

  const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");

  it.each([
    ["a NUL", latin1(things(thing("a"), `${thing("b")}# \0\n`, thing("c"))), "14:3"],
    ["a byte that is not UTF-8", latin1(things(thing("a"), `# café\r\n${thing("b")}`, thing("c"))), "8:6"],
    ["a cut character", latin1(things(thing("a"), '"\xe2\x82\n', thing("c"))), "8:2"],
  ])("but for %s in one document are served but for that document", async (_what, bytes, place) => {
    const { served, problems } = await reading({ "a.yaml": bytes });
    expect([served, problems]).toEqual([["a=1", "c=1"], [`not-text a.yaml:${place}`]]);
  });

  it("but for a byte in a comment between documents are all served", async () => {
    const { served, problems } = await reading({ "a.yaml": latin1(`# café\n---\n${thing("a")}`) });
    expect([served, problems]).toEqual([["a=1"], ["not-text a.yaml:1:6"]]);
  });

  it("for one byte are all refused in JSON, which is one document", async () => {
    const follower = await reading({ "a.json": latin1(`{"kind":"List",\n"items":[],"a":"é"}`) });
    expect(follower.problems).toEqual(["not-text a.json:2:17"]);
  });
});

describe("limits", () => {
  it("refuse a file that is too large without reading it", async () => {
    await using folder = await TestFolder.create({ "a.yaml": thing("a"), "b.yaml": thing("b").padEnd(2000, " ") });
    await using follower = await Follower.synced(
      createFileSource({ root: folder.root, decode, timings: quick, limits: { maxFileBytes: 1000 } }),
    );
    expect(follower.served).toEqual(["a=1"]);
    expect(follower.problem("file-too-large").message).toBe(
      "the file has 2000 bytes; more than 1000 are not read: split it",
    );
  });

  it("refuse the file that brings too many documents", async () => {
    await using folder = await TestFolder.create({
      "a.yaml": things(thing("a"), thing("b")),
      "c.yaml": things(thing("c"), thing("d")),
    });
    const source = createFileSource({
      root: folder.root,
      decode,
      timings: { ...quick, pollMs: 50 },
      limits: { maxDocuments: 3 },
    });
    await using follower = await Follower.synced(source);
    expect(follower.served).toEqual(["a=1", "b=1"]);
    expect(follower.problems).toEqual(["too-many-documents c.yaml"]);
    await folder.write("a.yaml", thing("a"));
    await follower.untilServed("a=1", "c=1", "d=1");
    await follower.until(() => follower.problems.length === 0);
  });

  it("stop at a folder with too many folders in it", async () => {
    await using folder = await TestFolder.create({ "a/b/c/d.yaml": thing("d"), "e/f.yaml": thing("f") });
    await using follower = new Follower(createFileSource({ root: folder.root, decode, limits: { maxFolders: 3 } }));
    await follower.until(() => follower.degraded?.code === "too-many-folders");
    expect(follower.synced).toBe(false);
  });
});

describe("documents with one identity", () => {
  it("are served by path order, segment by segment, then by place in the file", async () => {
    const follower = await reading({
      "a.yaml": things(thing("x", "first-in-file"), thing("x", "second"), thing("z", "a")),
      "a/z.yaml": thing("z", "folder"),
      "b.yaml": thing("x", "b"),
    });
    expect(follower.served).toEqual(["x=first-in-file", "z=folder"]);
    expect(follower.problems).toEqual(["duplicate a.yaml:15", "duplicate a.yaml:8", "duplicate b.yaml:1"]);
    const messages = follower.batches.flatMap((batch) =>
      batch.kind === "problems" ? batch.problems.map((p) => p.message) : [],
    );
    expect(messages.some((message) => message.includes("/a/z.yaml:1 has a resource of this name as well"))).toBe(true);
  });
});

describe("a large folder", () => {
  it("is said in patches of bounded size, with progress in between", async () => {
    const files = Array.from({ length: 40 }, (_, f): [string, string] => [
      `f${f}.yaml`,
      things(...Array.from({ length: 120 }, (_, i) => thing(`a${f}-${i}`))),
    ]);
    await using folder = await TestFolder.create(Object.fromEntries(files));
    const source = createFileSource({
      root: folder.root,
      decode,
      timings: { ...quick, progressMs: 0 },
      limits: { maxPatch: 500 },
    });
    await using follower = await Follower.synced(source);
    expect(follower.resources.size).toBe(4800);
    const patches = follower.batches.flatMap((batch) => (batch.kind === "patch" ? [batch.upserts.length] : []));
    expect(Math.max(...patches)).toBeLessThanOrEqual(500);
    expect(patches.length).toBeLessThanOrEqual(30);
    const progress = follower.batches.flatMap((batch) => (batch.kind === "progress" ? [batch] : []));
    expect(progress.at(-1)).toEqual({ kind: "progress", done: 40, total: 40, unit: "files" });
    expect(progress.length).toBeGreaterThan(20);
  });
});
