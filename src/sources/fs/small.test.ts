import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../../lib/manual-clock.ts";
import { damageIn } from "../../lib/yaml/damage.ts";
import { identityOf, isMistyped, subjectOf } from "./identity.ts";
import { Marks } from "./marks.ts";
import { comparePaths, isConfigFile, isPassedOver, join, nameOf, parentOf, shownPath } from "./paths.ts";
import { patches } from "./pieces.ts";
import { Slice } from "./slice.ts";
import { textOf } from "../../lib/yaml/text.ts";

describe("paths", () => {
  it("come in the order of a walk", () => {
    const paths = ["a.yaml", "a/z.yaml", "a/b/c.yaml", "b.yaml", "a-b/c.yaml", "B.yaml"];
    const sorted = paths.sort((a, b) => comparePaths(a.split("/"), b.split("/")));
    expect(sorted).toEqual(["B.yaml", "a/b/c.yaml", "a/z.yaml", "a-b/c.yaml", "a.yaml", "b.yaml"]);
  });

  it("are taken apart and put together", () => {
    expect([parentOf("a/b/c"), nameOf("a/b/c"), parentOf("c"), nameOf("c")]).toEqual(["a/b", "c", "", "c"]);
    expect([join("", "c"), join("a/b", "c")]).toEqual(["c", "a/b/c"]);
  });

  it("are shown on one line", () => {
    expect(shownPath("a\nb\u001bc\u0085.yaml")).toBe("a\\x0ab\\x1bc\\x85.yaml");
  });

  it.each([
    ["a.yaml", true],
    [".yaml", true],
    [".a.yml", true],
    ["a.json", true],
    ["a.YAML", false],
    ["..data", false],
    ["..a.yaml", false],
    [".#a.yaml", false],
    ["._a.yaml", false],
    ["a.yaml~", false],
  ])("%s counts as configuration: %s", (name, expected) => {
    expect(isConfigFile(name)).toBe(expected);
  });

  it("pass over .git", () => {
    expect([isPassedOver(".git"), isPassedOver(".github")]).toEqual([true, false]);
  });
});

describe("the text of a file", () => {
  it("is what the bytes say, if they are UTF-8", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const clean = text.replaceAll("\0", "");
        expect(textOf(Buffer.from(clean, "utf8"))).toEqual({
          ok: true,
          text: Buffer.from(clean, "utf8").toString("utf8"),
          isDamaged: false,
        });
      }),
    );
  });

  it("goes wrong at the first byte that is none of UTF-8", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 60 }),
        fc.constantFrom([0xff], [0xc3, 0x28], [0xe2, 0x82], [0x80]),
        (text, junk) => {
          const good = Buffer.from(text.replaceAll("\0", ""), "utf8");
          const bad = textOf(Buffer.concat([good, Buffer.from(junk), Buffer.from("abc".repeat(20))]));
          expect(bad).toMatchObject({ ok: true, isDamaged: true });
          expect(damageIn(bad.ok ? bad.text : "")!.offset).toBe(good.toString("utf8").length);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("the identity of a document", () => {
  it("is its group, kind, namespace and name", () => {
    const doc = { apiVersion: "g/v1", kind: "K", metadata: { name: "n", namespace: "ns" } };
    expect(identityOf(doc)).toEqual({ kind: "g/K", name: "ns/n" });
    expect(identityOf({ ...doc, apiVersion: "v1", metadata: { name: "n" } })).toEqual({ kind: "/K", name: "n" });
    expect(subjectOf(doc)).toBe("K ns/n");
  });

  it.each([
    [null],
    ["text"],
    [{}],
    [{ apiVersion: "v1", kind: "K" }],
    [{ apiVersion: "v1", kind: "K", metadata: { name: 5 } }],
    [{ apiVersion: "v1", kind: "K", metadata: { name: "n", namespace: 5 } }],
    [{ kind: "K", metadata: { name: "n" } }],
  ])("can't be told from %j", (doc) => {
    expect(identityOf(doc)).toBeUndefined();
  });

  it("is near to one that is mistyped, not to another", () => {
    expect(isMistyped("networking.istio.io/Gatewey", "networking.istio.io/Gateway")).toBe(true);
    expect(isMistyped("gateway.networking.k8s.io/Gateway", "networking.istio.io/Gateway")).toBe(false);
    expect(isMistyped("g/K", "g/K")).toBe(false);
  });
});

describe("marks", () => {
  it("wake who waits, and are handed over once", async () => {
    const marks = new Marks();
    const clock = new ManualClock();
    const waiting = marks.wait(clock, 1000, new AbortController().signal);
    marks.file("a");
    await waiting;
    expect(clock.pending).toBe(0);
    expect(marks.take()).toMatchObject({ all: false, files: new Set(["a"]) });
    expect(marks.take().files.size).toBe(0);
  });

  it("wait for the clock and for the signal", async () => {
    const marks = new Marks();
    const clock = new ManualClock();
    const waiting = marks.wait(clock, 1000, new AbortController().signal);
    clock.advance(1000);
    await waiting;
    const abort = new AbortController();
    const aborted = marks.wait(clock, 1000, abort.signal);
    abort.abort();
    await aborted;
    expect(clock.pending).toBe(0);
  });

  it("become one for everything when there are too many", () => {
    const marks = new Marks();
    for (let i = 0; i <= 10_000; i++) marks.file(`${i}`);
    expect(marks.take()).toMatchObject({ all: true, files: new Set() });
  });
});

describe("pieces", () => {
  it("are no larger than they may be, and lose nothing", () => {
    const upserts = Array.from({ length: 25 }, (_, i) => i as never);
    const deletes = Array.from({ length: 12 }, (_, i) => i as never);
    const batches = [...patches(upserts, deletes, 10)];
    expect(batches.map((b) => (b.kind === "patch" ? b.upserts.length + b.deletes.length : 0))).toEqual([
      10, 10, 5, 10, 2,
    ]);
    expect([...patches(upserts, deletes, 37)]).toHaveLength(1);
    expect([...patches([], [], 10)]).toEqual([]);
  });
});

describe("a slice of time", () => {
  it("is over when its time is up, and begins again after a rest", async () => {
    const clock = new ManualClock();
    const slice = new Slice(clock, 5);
    expect(slice.isOver).toBe(false);
    clock.advance(5);
    expect(slice.isOver).toBe(true);
    const rested = slice.rest();
    clock.advance(0);
    await rested;
    expect(slice.isOver).toBe(false);
  });
});
