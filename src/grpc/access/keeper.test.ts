import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DatedClock } from "../credentials/testing/clock.ts";
import { TestFolder } from "../credentials/testing/folder.ts";
import { RecordingLogger } from "../testing/recording.ts";
import { openAccessList, type AccessListKeeper, type OpenedAccessList } from "./keeper.ts";

let folder: TestFolder;
let clock: DatedClock;
let log: RecordingLogger;
let seen: string[];

beforeEach(async () => {
  folder = await TestFolder.make();
  clock = new DatedClock();
  log = new RecordingLogger();
  seen = [];
});
afterEach(() => folder[Symbol.asyncDispose]());

async function open(expected = false): Promise<OpenedAccessList> {
  const observer = { reloaded: () => void seen.push("reloaded"), refused: () => void seen.push("refused") };
  return await openAccessList({ file: folder.at("list.yaml"), expected, clock, log, observer });
}

async function keeping(): Promise<AccessListKeeper> {
  const opened = await open();
  if (!opened.ok) throw new Error(opened.reason);
  opened.keeper.onChange(() => void seen.push("changed"));
  return opened.keeper;
}

function inForce({ list }: AccessListKeeper): string {
  return `${list.kind} ${[...list.ids].join(" ")}`;
}

describe("at the start", () => {
  test("a list is read and told in a few words", async () => {
    await folder.write("list.yaml", "allow: [spiffe://a]\nmode: strict");
    await using keeper = await keeping();
    expect(inForce(keeper)).toBe("allow spiffe://a");
    expect(log.lines).toMatchObject([
      { level: "info", message: "access list read", fields: { admits: "1 identity and nobody else" } },
      { level: "warn", message: expect.stringContaining('list.yaml: the key "mode" means nothing') },
    ]);
  });

  test("without a file every verified sink may connect, which is worth a warning if somebody named the file", async () => {
    for (const expected of [false, true]) {
      const opened = await open(expected);
      if (!opened.ok) throw new Error(opened.reason);
      await using keeper = opened.keeper;
      expect(inForce(keeper)).toBe("block ");
    }
    expect(log.lines.map(({ level }) => level)).toEqual(["info", "warn"]);
  });

  test.each([
    ["allow: spiffe://a", "allow is not a list"],
    ["allow: [", "line 1"],
    ["allow:\n- spiffe://\0", "line 2, column 12: there is a NUL, which no text has"],
  ])("a file that reads %j is a verdict, and leaves nothing running", async (text, reason) => {
    await folder.write("list.yaml", text);
    expect(await open()).toEqual({ ok: false, reason: expect.stringContaining(reason) });
    expect(clock.pending).toBe(0);
  });

  test("bytes that are no text are a verdict, with their place and what to do", async () => {
    await folder.write("list.yaml", Buffer.from("allow:\n- spiffe://caf\xe9\n", "latin1"));
    const reason = "line 2, column 15: the byte 0xe9 is not UTF-8; save the file as UTF-8";
    expect(await open()).toEqual({ ok: false, reason });
    await folder.write("list.yaml", Buffer.from("\ufeffallow: [spiffe://a]", "utf16le"));
    expect(await open()).toEqual({ ok: false, reason: "the file is UTF-16 text; save it as UTF-8" });
  });

  test("something that can't be read is a verdict", async () => {
    await folder.write("file", "");
    const file = folder.at("file/list.yaml");
    const opened = await openAccessList({ file, expected: false, clock, log });
    expect(opened).toEqual({ ok: false, reason: "its path leads through something that is no folder" });
  });
});

describe("a list that changes", () => {
  test("is told of with who came and who went, so that the log alone says whom it served when", async () => {
    await folder.write("list.yaml", "allow: [spiffe://pilot]");
    await using keeper = await keeping();
    const lists = [
      "allow: [spiffe://mixer]",
      "block: []",
      "allow: [x:a, x:b, x:c, x:d]",
      "allow: [x:d, x:c, x:b, x:a]",
    ];
    for (const text of lists) {
      await folder.write("list.yaml", text);
      await keeper.look();
    }
    const [one, four, everyone] = ["1 identity and nobody else", "4 identities and nobody else", "every verified sink"];
    const file = folder.at("list.yaml");
    expect(log.lines.map(({ message, fields }) => [message, fields])).toEqual([
      ["access list read", { file, admits: one, added: "spiffe://pilot" }],
      ["access list replaced", { file, admits: one, added: "spiffe://mixer", removed: "spiffe://pilot" }],
      ["access list replaced", { file, admits: everyone, before: one, removed: "spiffe://mixer" }],
      ["access list replaced", { file, admits: four, before: everyone, added: "x:a, x:b, x:c and 1 more" }],
      ["access list read again: it names the same", { file, admits: four }],
    ]);
  });

  test("is in force at once, and those who depend on it are told", async () => {
    await folder.mount({ "list.yaml": "allow: [spiffe://a]" });
    await using keeper = await keeping();
    await folder.mount({ "list.yaml": "block: [spiffe://b]" });
    await keeper.look();
    expect([inForce(keeper), seen]).toEqual(["block spiffe://b", ["reloaded", "changed"]]);
  });

  test("is found without being asked for", async () => {
    await using keeper = await keeping();
    await folder.write("list.yaml", "allow: [spiffe://a]");
    for (const ms of [5_000, 1_000]) {
      expect(inForce(keeper)).toBe("block ");
      clock.advance(ms);
      while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(inForce(keeper)).toBe("allow spiffe://a");
  });

  test("in nothing but its text changes nothing for anybody", async () => {
    await folder.write("list.yaml", "allow: [spiffe://a, spiffe://b]");
    await using keeper = await keeping();
    await folder.write("list.yaml", "# the same\nallowed: [spiffe://b, spiffe://a]");
    await keeper.look();
    expect(seen).toEqual(["reloaded"]);
  });

  test("to what does not parse stays as it was, told once, until it is mended", async () => {
    await folder.write("list.yaml", "allow: [spiffe://a]");
    await using keeper = await keeping();
    await folder.write("list.yaml", "allow: spiffe://b");
    await keeper.look();
    await keeper.look();
    expect([inForce(keeper), seen]).toEqual(["allow spiffe://a", ["refused"]]);
    expect(log.at("error").map(({ message }) => message)).toEqual([
      "the access list can't be used, the last one stays in force: allow is not a list",
    ]);
    await folder.write("list.yaml", "allow: [spiffe://b]");
    await keeper.look();
    expect([inForce(keeper), seen]).toEqual(["allow spiffe://b", ["refused", "reloaded", "changed"]]);
    expect(log.at("info").at(-1)).toMatchObject({ message: "access list replaced" });
  });

  test("to bytes that are no text stays as it was: what stands for them could be on the list", async () => {
    await folder.write("list.yaml", "allow: [spiffe://a]");
    await using keeper = await keeping();
    await folder.write("list.yaml", Buffer.from("block: [spiffe://\xe9]", "latin1"));
    await keeper.look();
    expect([inForce(keeper), seen]).toEqual(["allow spiffe://a", ["refused"]]);
    expect(log.at("error")[0]!.message).toMatch(
      /line 1, column 18: the byte 0xe9 is not UTF-8; save the file as UTF-8$/u,
    );
  });

  test("and is refused is told to whoever asks, also when that was before, and when nothing is refused any more", async () => {
    await folder.write("list.yaml", "allow: [spiffe://a]");
    await using keeper = await keeping();
    await folder.write("list.yaml", "allow: spiffe://b");
    await keeper.look();
    const told: unknown[] = [];
    keeper.onRefusal((refusal) => told.push(refusal));
    for (const text of ["{", "allow: [spiffe://a]", "block: []"]) {
      await folder.write("list.yaml", text);
      await keeper.look();
    }
    await folder.remove("list.yaml");
    await keeper.look();
    await folder.write("list.yaml", "block: []");
    await keeper.look();
    const [file, admits] = [folder.at("list.yaml"), "1 identity and nobody else"];
    expect(told).toEqual([
      { severity: "error", why: `the access list ${file} can't be used: allow is not a list`, admits },
      { severity: "error", why: expect.stringContaining(`${file} can't be used: line 1, column`), admits },
      undefined,
      { severity: "warning", why: `the access list ${file} is gone; put it back`, admits: "every verified sink" },
      undefined,
    ]);
    expect(log.at("error")).toHaveLength(1);
    expect(log.at("warn")).toEqual([]);
  });

  test("whose file is gone stays in force, with a warning; the same list may come back", async () => {
    await folder.write("list.yaml", "allow: [spiffe://a]");
    await using keeper = await keeping();
    await folder.remove("list.yaml");
    await keeper.look();
    await keeper.look();
    expect([inForce(keeper), seen]).toEqual(["allow spiffe://a", ["refused"]]);
    expect(log.at("warn").map(({ message }) => message)).toEqual([
      "the access list is gone; the last one stays in force until there is another",
    ]);
    await folder.write("list.yaml", "allow: [spiffe://a]");
    await keeper.look();
    expect(seen).toEqual(["refused", "reloaded"]);
  });

  test("from none at all to one, and back to none, is never open again", async () => {
    await using keeper = await keeping();
    await folder.write("list.yaml", "");
    await keeper.look();
    expect(inForce(keeper)).toBe("allow ");
    await folder.remove("list.yaml");
    await keeper.look();
    expect(inForce(keeper)).toBe("allow ");
  });
});
