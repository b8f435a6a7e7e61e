import { X509Certificate } from "node:crypto";
import { mkdir } from "node:fs/promises";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openAccessList, type AccessListKeeper } from "../../src/grpc/access/keeper.ts";
import { type AccessList, everyone, judgePeer } from "../../src/grpc/access/list.ts";
import { type ParsedAccessList, parseAccessList } from "../../src/grpc/access/parse-list.ts";
import { MAX_FILE_BYTES } from "../../src/grpc/credentials/look.ts";
import { TestFolder } from "../../src/grpc/credentials/testing/folder.ts";
import { uriNames } from "../../src/grpc/san.ts";
import { issue } from "../../src/grpc/testing/certificates.ts";
import { silentLogger } from "../../src/lib/logger.ts";
import { ManualClock } from "../../src/lib/manual-clock.ts";
import { MAX_DEPTH } from "../../src/lib/yaml/limits.ts";
import { keptTexts } from "./corpus.ts";
import { fuzzing, patience, spoiledBytes, spoiledText } from "./fuzzing.ts";

const kept = keptTexts("access");
const texts = kept.map(({ input }) => input);
const words = ["allow", "block", "allowed", "isblacklist", "isBlackList", "ALLOW", "__proto__", "spiffe://a/b", "x@y"];
const values = ["true", "false", "null", "~", "7", "[]", "{}", '""', "*mine", "&mine ", "<<: ", "!!str ", "!!binary "];
const shapes = [
  ": ",
  "- ",
  "\n",
  "\r\n",
  "\n- ",
  "\t",
  "[",
  "]",
  "{",
  "}",
  ", ",
  "---\n",
  "#",
  '"',
  "'",
  "|\n",
  "\ufeff",
];
const spoiled = spoiledText(texts, [...words, ...values, ...shapes]);

/** What must hold of any text. Returns the verdict. */
function check(text: string): ParsedAccessList {
  const parsed = parseAccessList(text);
  if (!parsed.ok) {
    expect(parsed.reason.length > 0 && parsed.reason.length < 1500, `the reason is ${parsed.reason}`).toBe(true);
    return parsed;
  }
  const { list, notices } = parsed;
  for (const id of list.ids) expect(typeof id === "string" && id !== "").toBe(true);
  expect(notices.length).toBeLessThanOrEqual(10);
  for (const notice of notices) expect(notice.length > 0 && notice.length < 500, `a notice is ${notice}`).toBe(true);
  // To open up takes a word for it.
  if (list.kind === "block") expect(text.toLowerCase()).toMatch(/block|isblacklist|\\|!!binary/);
  return parsed;
}

test(
  "any spoiled list gets a verdict: identities, or a reason; nothing but a list of who may not opens up",
  patience,
  () => {
    fc.assert(
      fc.property(spoiled, (text) => void check(text)),
      fuzzing(4000),
    );
  },
);

test("any bytes do", patience, () => {
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), spoiledBytes(texts.map((text) => Buffer.from(text))));
  fc.assert(
    fc.property(bytes, (content) => void check(Buffer.from(content).toString("utf8"))),
    fuzzing(3000),
  );
});

describe("lists beyond all measure", () => {
  const depths = [MAX_DEPTH - 1, MAX_DEPTH + 1, 1000, 100_000];
  test.each(["[", "{a: ", "- ", "allow: [", "allow:\n- ", "- - a: ", "&a [", "? "])("%j again and again", (opening) => {
    for (const depth of depths) check(opening.repeat(depth));
  });

  test("aliases that double with each line give a verdict, and no more identities than were written", () => {
    const lines = Array.from({ length: 60 }, (_, i) => `l${i + 1}: &l${i + 1} [*l${i}, *l${i}]`);
    const parsed = check(["l0: &l0 spiffe://a/b", ...lines, "allow: *l60"].join("\n"));
    expect(parsed.ok).toBe(false);
    const flat = check(["one: &one spiffe://a/b", `allow: [${"*one, ".repeat(5000)}]`].join("\n"));
    if (flat.ok) expect([...flat.list.ids]).toEqual(["spiffe://a/b"]);
  });

  test("a hundred thousand keys that mean nothing make ten notices", () => {
    const text = Array.from({ length: 100_000 }, (_, i) => `k${i}: 1`).join("\n");
    const parsed = check(`${text}\nallow: [spiffe://a/b]`);
    if (parsed.ok) expect([parsed.list.kind, parsed.notices.length]).toEqual(["allow", 10]);
    else expect(parsed.reason).toMatch(/large|many|long/);
  });

  test("as many identities as a file can hold are all read", () => {
    const ids = Array.from({ length: 30_000 }, (_, i) => `spiffe://cluster.local/ns/${i}`);
    const parsed = check(`allow:\n${ids.map((id) => `- ${id}\n`).join("")}`);
    expect(parsed.ok && parsed.list.ids.size).toBe(ids.length);
  });
});

/** What may stand where the list is expected. */
type Found =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "absent" | "folder" }
  | { readonly kind: "huge"; readonly beginning: string };

const found: fc.Arbitrary<Found> = fc.oneof(
  { weight: 4, arbitrary: spoiled.map((text): Found => ({ kind: "bytes", bytes: Buffer.from(text) })) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes): Found => ({ kind: "bytes", bytes })) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(...texts).map((text): Found => ({ kind: "bytes", bytes: Buffer.from(text) })),
  },
  { weight: 1, arbitrary: fc.constantFrom<Found>({ kind: "absent" }, { kind: "folder" }) },
  { weight: 1, arbitrary: fc.constantFrom(...texts).map((beginning): Found => ({ kind: "huge", beginning })) },
);

describe("the list in force", () => {
  let folder: TestFolder;
  beforeEach(async () => {
    folder = await TestFolder.make();
  });
  afterEach(async () => folder[Symbol.asyncDispose]());

  async function put(what: Found): Promise<void> {
    await folder.remove("list.yaml").catch(() => undefined);
    if (what.kind === "bytes") await folder.write("list.yaml", what.bytes);
    else if (what.kind === "huge") await folder.write("list.yaml", what.beginning.padEnd(MAX_FILE_BYTES + 1, "\n"));
    else if (what.kind === "folder") await mkdir(folder.at("list.yaml"));
  }

  async function open(): Promise<AccessListKeeper> {
    const options = { file: folder.at("list.yaml"), expected: false, clock: new ManualClock(), log: silentLogger };
    const opened = await openAccessList(options);
    if (!opened.ok) throw new Error(opened.reason);
    return opened.keeper;
  }

  test("is always the last one that could be read, whatever comes in its file's place", patience, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(found, { minLength: 1, maxLength: 8 }), async (contents) => {
        await put({ kind: "absent" });
        await using keeper = await open();
        let expected: AccessList = everyone;
        for (const content of contents) {
          await put(content);
          await keeper.look();
          const parsed =
            content.kind === "bytes" ? parseAccessList(Buffer.from(content.bytes).toString("utf8")) : noList;
          if (parsed.ok) expected = parsed.list;
          expect(keeper.list).toEqual(expected);
        }
      }),
      fuzzing(150),
    );
  });
});

const noList: ParsedAccessList = { ok: false, reason: "" };

describe("certificates", () => {
  const printable = fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
    minLength: 1,
    maxLength: 60,
  });
  const ids = fc.oneof(printable, fc.constantFrom("spiffe://a/b", "spiffe://a/b/", "SPIFFE://a/b", "spiffe://a", "*"));
  const lists = fc.record({
    kind: fc.constantFrom("allow" as const, "block" as const),
    ids: fc.array(ids, { maxLength: 5 }),
  });

  test("are judged by whether one of their URIs is on the list, and by nothing else they say", patience, () => {
    const names = fc.array(ids, { maxLength: 4 });
    fc.assert(
      fc.property(lists, names, names, names, ({ kind, ids: listed }, uris, dns, emails) => {
        const { der } = issue({ name: "sink", uris, dns, emails });
        const list = { kind, ids: new Set(listed) };
        const found = uriNames(der);
        expect(found).toEqual(uris);
        const isListed = uris.some((uri) => listed.includes(uri));
        const verdict = judgePeer(list, { address: "a", tls: { authorized: true, uris: found } });
        expect(verdict.allowed).toBe(kind === "allow" ? isListed : !isListed);
        expect(judgePeer(list, { address: "a", tls: { authorized: false, uris: found } }).allowed).toBe(false);
        expect(judgePeer(list, { address: "a" }).allowed).toBe(false);
      }),
      fuzzing(400),
    );
  });

  test("with any bytes in a URI have none that a line of the list could not spell", patience, () => {
    const bytes = fc.uint8Array({ maxLength: 30 }).map((raw) => Buffer.from(raw).toString("latin1"));
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 3 }), (uris) => {
        const found = uriNames(issue({ name: "sink", uris }).der);
        expect(found).toEqual(uris.filter((uri) => /^[\x21-\x7e]+$/.test(uri)));
      }),
      fuzzing(300),
    );
  });

  test("that are spoiled have no URIs but those that Node finds in them too", patience, () => {
    const whole = [
      issue({ name: "one", uris: ["spiffe://a/b"] }).der,
      issue({
        name: "several",
        uris: ["spiffe://a/b", "spiffe://c/d"],
        dns: ["x"],
        emails: ["a@b"],
        ips: [[1, 2, 3, 4]],
      }).der,
      issue({ name: "none" }).der,
    ];
    fc.assert(
      fc.property(spoiledBytes(whole), (der) => {
        const found = uriNames(der);
        for (const uri of found) expect(uri).toMatch(/^[\x21-\x7e]+$/);
        const node = namesByNode(der);
        if (node === undefined) return;
        for (const uri of found) expect(node).toContain(`URI:${uri}`);
      }),
      fuzzing(3000),
    );
  });
});

/** The names as Node spells them, for those that it does not quote; nothing if it can't read the certificate. */
function namesByNode(der: Uint8Array): string | undefined {
  try {
    const { subjectAltName = "" } = new X509Certificate(der);
    return subjectAltName.includes('"') ? undefined : subjectAltName;
  } catch {
    return undefined;
  }
}

test.each(kept)("kept: $name", ({ input }) => {
  const parsed = check(input);
  expect(
    parsed.ok ? { kind: parsed.list.kind, ids: [...parsed.list.ids], notices: parsed.notices } : parsed.reason,
  ).toMatchSnapshot();
});
