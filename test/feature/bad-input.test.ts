import { mkdir, mkdtemp, open, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GalleyProcess, type ProblemItem } from "../support/galley-process.ts";
import { RawSink, versions } from "../support/raw-sink.ts";

// The real process on a real folder. Each bad input meets a good document beside it, which must be served all along, and a
// problem that names its place, is reported once, and goes when the file is mended.

const GATEWAYS = "istio/networking/v1alpha3/gateways";

let folder: string;
let server: GalleyProcess;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "galley-bad-input-"));
  await writeFile(join(folder, "good.yaml"), gateway("good"));
  server = await GalleyProcess.start(folder);
  await server.ready();
}, 60_000);

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function gateway(name: string, spec = "  selector: {istio: ingressgateway}"): string {
  return `apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata:\n  name: ${name}\n  namespace: edge\nspec:\n${spec}\n`;
}

/** Writes a file the way editors do: whole, then in place. */
async function save(name: string, content: string | Uint8Array): Promise<void> {
  await writeFile(join(folder, `.${name}.tmp`), content);
  await rename(join(folder, `.${name}.tmp`), join(folder, name));
}

/** The gateways that a sink is sent now. */
async function served(): Promise<Record<string, string>> {
  using sink = new RawSink(server.address);
  sink.send({ collection: GATEWAYS });
  return versions(await sink.next());
}

/** Waits until the problems of a file are as expected. */
async function problemsOf(
  file: string,
  isDone: (found: readonly ProblemItem[]) => boolean,
): Promise<readonly ProblemItem[]> {
  for (;;) {
    const found = (await server.problems()).filter((problem) => problem.file?.endsWith(`/${file}`) === true);
    if (isDone(found)) return found;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function servedWhen(isDone: (names: Record<string, string>) => boolean): Promise<Record<string, string>> {
  for (;;) {
    const now = await served();
    if (isDone(now)) return now;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** How often a problem of that code was written to the log for a file. */
function reported(file: string, code: string): number {
  return server.records.filter((r) => String(r["at"]).includes(`/${file}`) && r["code"] === code && r.msg !== "mended")
    .length;
}

const bomb = `a: &a [x, x, x, x, x, x, x, x, x, x]\n${"bcdefghi"
  .split("")
  .map((letter, i) => `${letter}: &${letter} [${Array(10).fill(`*${"abcdefgh"[i]}`).join(", ")}]`)
  .join("\n")}\n`;

const cases: readonly [
  what: string,
  file: string,
  code: RegExp,
  content: string | Uint8Array,
  line: number | undefined,
][] = [
  ["broken YAML", "broken.yaml", /yaml-syntax/, gateway("victim", "  servers: [\n  - :"), 8],
  [
    "a duplicate key",
    "duplicate.yaml",
    /duplicate-key/,
    gateway("victim", "  selector: {a: b}\n  selector: {a: c}"),
    8,
  ],
  [
    "a YAML alias bomb",
    "bomb.yaml",
    /too-|limit|large|alias/,
    `${gateway("victim")}bomb:\n${bomb.replaceAll(/^/gm, "  ")}`,
    undefined,
  ],
  [
    "binary junk",
    "junk.yaml",
    /not-text/,
    Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256),
    undefined,
  ],
  ["a wrong type", "type.yaml", /wrong-type/, gateway("victim", "  servers: 7"), 7],
  ["a name with extra slashes", "slash.yaml", /bad-name/, gateway("a/b/c"), 4],
  ["text that is no document", "text.yaml", /not-an-object/, "just some text\n", 1],
];

describe.each(cases)("%s", (_, file, code, content, line) => {
  test("loses nothing, is reported once with its place, and is gone when mended", async () => {
    await save(file, gateway("victim"));
    const before = await servedWhen((now) => "edge/victim" in now);
    await save(file, content);
    const found = await problemsOf(file, (problems) => problems.length > 0);
    expect(found[0]!.code).toMatch(code);
    expect(found[0]!.message.length).toBeGreaterThan(10);
    expect(found[0]!.action).toMatch(/last good|stays/);
    if (line !== undefined) expect([found[0]!.line, typeof found[0]!.column]).toEqual([line, "number"]);
    expect(await served()).toEqual(before);
    expect(reported(file, found[0]!.code)).toBe(1);
    await save(file, gateway("victim"));
    expect(await problemsOf(file, (problems) => problems.length === 0)).toEqual([]);
    expect(await served()).toEqual(before);
    await rm(join(folder, file));
    expect(await servedWhen((now) => !("edge/victim" in now))).toEqual({ "edge/good": before["edge/good"] });
  });
});

test("an unknown kind is passed over with a word, and what stands beside it in its file is served", async () => {
  await save("kinds.yaml", `kind: Deployment\napiVersion: apps/v1\nmetadata: {name: x}\n---\n${gateway("beside")}`);
  const [problem] = await problemsOf("kinds.yaml", (found) => found.length > 0);
  expect(problem).toMatchObject({ severity: "warning", code: "unknown-kind", line: 1 });
  expect(await servedWhen((now) => "edge/beside" in now)).toHaveProperty("edge/good");
  await rm(join(folder, "kinds.yaml"));
  await problemsOf("kinds.yaml", (found) => found.length === 0);
});

test("an unknown field is one warning at its place, and is not in the bytes", async () => {
  await save("field.yaml", gateway("field", "  selektor: {a: b}\n  selector: {a: b}"));
  const found = await problemsOf("field.yaml", (problems) => problems.length > 0);
  expect(found).toMatchObject([{ severity: "warning", code: "unknown-field", line: 7, column: 3 }]);
  expect(found[0]!.message).toContain("did you mean selector");
  await servedWhen((now) => "edge/field" in now);
  using sink = new RawSink(server.address);
  sink.send({ collection: GATEWAYS });
  const resource = (await sink.next()).resources.find((r) => r.metadata?.name === "edge/field")!;
  expect(Buffer.from(resource.body!.value).toString("latin1")).not.toContain("selektor");
  await rm(join(folder, "field.yaml"));
  await problemsOf("field.yaml", (problems) => problems.length === 0);
});

test("keys such as __proto__ are unknown fields like any other", async () => {
  await save(
    "proto.yaml",
    gateway("proto", "  __proto__: {polluted: true}\n  constructor: {a: b}\n  selector: {a: b}"),
  );
  const found = await problemsOf("proto.yaml", (problems) => problems.length === 2);
  expect(found.map((problem) => problem.code)).toEqual(["unknown-field", "unknown-field"]);
  await servedWhen((now) => "edge/proto" in now);
  await rm(join(folder, "proto.yaml"));
  await problemsOf("proto.yaml", (problems) => problems.length === 0);
});

test("a file of 100 MB is refused unread, and what it held before stays", async () => {
  await save("huge.yaml", gateway("huge"));
  const before = await servedWhen((now) => "edge/huge" in now);
  const file = await open(join(folder, ".huge.tmp"), "w");
  await file.truncate(100 * 1024 * 1024);
  await file.close();
  await rename(join(folder, ".huge.tmp"), join(folder, "huge.yaml"));
  const [problem] = await problemsOf("huge.yaml", (found) => found.length > 0);
  expect(problem).toMatchObject({ severity: "error", code: "file-too-large" });
  expect(await served()).toEqual(before);
  await rm(join(folder, "huge.yaml"));
  await problemsOf("huge.yaml", (found) => found.length === 0);
});

test("of two documents with one identity the first in path order is served, and the other is reported", async () => {
  await save("twin-a.yaml", gateway("twin", "  selector: {from: a}"));
  const first = await servedWhen((now) => "edge/twin" in now);
  await save("twin-b.yaml", gateway("twin", "  selector: {from: b}"));
  const [problem] = await problemsOf("twin-b.yaml", (found) => found.length > 0);
  expect(problem).toMatchObject({ code: "duplicate" });
  expect(problem!.message).toContain("twin-a.yaml");
  expect(await served()).toEqual(first);
  await rm(join(folder, "twin-a.yaml"));
  await servedWhen((now) => now["edge/twin"] !== first["edge/twin"] && "edge/twin" in now);
  expect(await problemsOf("twin-b.yaml", (found) => found.length === 0)).toEqual([]);
  await rm(join(folder, "twin-b.yaml"));
  await servedWhen((now) => !("edge/twin" in now));
});

test("a folder that disappears is degraded and deletes nothing, and comes back", async () => {
  const before = await served();
  await rename(folder, `${folder}-away`);
  await server.record((record) => record["code"] === "folder-missing" || /folder/.test(record.msg));
  const status = async (): Promise<unknown> =>
    (
      (await (await fetch(`${server.introspectionUrl}/api/v1/sources`)).json()) as {
        items: { name: string; state: string }[];
      }
    ).items.find((source) => source.name === "files")?.state;
  while ((await status()) !== "degraded") await new Promise((resolve) => setTimeout(resolve, 25));
  expect(await served()).toEqual(before);
  await rename(`${folder}-away`, folder);
  while ((await status()) !== "synced") await new Promise((resolve) => setTimeout(resolve, 25));
  expect(await served()).toEqual(before);
  expect((await server.problems()).filter((problem) => problem.severity === "error")).toEqual([]);
});

test("a folder that is a file, or lies below one, is waited for with a reason", async () => {
  const file = join(folder, "plain.txt");
  await writeFile(file, "not a folder");
  for (const path of [file, join(file, "below")]) {
    await using waiting = await GalleyProcess.start(path);
    const ready = await fetch(`${waiting.monitoringUrl}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.text()).toContain("the source files is");
  }
  await rm(file);
}, 60_000);

test("a sub-folder that can't be read keeps what it held", async () => {
  await mkdir(join(folder, "sub"));
  await writeFile(join(folder, "sub", "inner.yaml"), gateway("inner"));
  const before = await servedWhen((now) => "edge/inner" in now);
  // Permissions do not stop root; a folder that turns into something else does.
  await rename(join(folder, "sub"), join(folder, "..sub-kept"));
  await writeFile(join(folder, "sub"), "");
  const gone = await servedWhen((now) => !("edge/inner" in now));
  expect(gone).toHaveProperty("edge/good");
  await rm(join(folder, "sub"));
  await rename(join(folder, "..sub-kept"), join(folder, "sub"));
  expect(await servedWhen((now) => "edge/inner" in now)).toEqual(before);
  await rm(join(folder, "sub"), { recursive: true });
  await servedWhen((now) => !("edge/inner" in now));
});
