import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ManualClock } from "../../lib/manual-clock.ts";
import { decodeResource } from "../../model/decode-resource.ts";
import type { Problem } from "../../model/problem.ts";
import { istioCollections } from "../../model/registry.ts";
import type { SourceBatch } from "../source.ts";
import { createMeshSource } from "./source.ts";

const POLL_MS = 2000;

let folder: string;
let file: string;
let clock: ManualClock;
let stop: AbortController;
let batches: AsyncIterator<SourceBatch>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "galley-mesh-"));
  file = join(folder, "mesh");
  clock = new ManualClock();
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await batches.return?.();
  await rm(folder, { recursive: true, force: true });
});

/** What the source says, up to and with the next list of problems. */
async function heard(): Promise<{ readonly ports: readonly unknown[]; readonly problems: readonly Problem[] }> {
  const ports: unknown[] = [];
  for (;;) {
    const next = batches.next();
    const timer = setInterval(() => clock.advance(POLL_MS), 1);
    const { value } = await next.finally(() => clearInterval(timer));
    const batch = value as SourceBatch;
    if (batch.kind === "problems") return { ports, problems: batch.problems };
    if (batch.kind !== "patch") continue;
    const { body } = decodeResource(batch.upserts[0]!.legacy!, "1.3");
    ports.push((body as { readonly proxyListenPort?: number }).proxyListenPort);
  }
}

async function begin(content: string | Uint8Array, expected = true): Promise<ReturnType<typeof heard>> {
  await writeFile(file, content);
  return await follow(expected);
}

async function follow(expected: boolean): Promise<ReturnType<typeof heard>> {
  const collection = istioCollections().get("istio/mesh/v1alpha1/MeshConfig")!;
  const source = createMeshSource({ file, expected, collection, clock, pollMs: POLL_MS });
  batches = source.read(stop.signal)[Symbol.asyncIterator]();
  return await heard();
}

test("a file is served over the defaults, and what replaces it too", async () => {
  expect(await begin("proxyListenPort: 1")).toEqual({ ports: [1], problems: [] });
  await writeFile(file, "proxyListenPort: 20");
  expect(await heard()).toEqual({ ports: [20], problems: [] });
});

test("bytes that are no text leave what is in service, and are told of with their place and what to do", async () => {
  await begin("proxyListenPort: 1");
  await writeFile(file, Buffer.concat([Buffer.from("proxyListenPort: 2\ningressClass: "), Buffer.from([0xe9])]));
  expect(await heard()).toEqual({
    ports: [],
    problems: [
      {
        severity: "error",
        code: "mesh-config-syntax",
        message: "the byte 0xe9 is not UTF-8; save the file as UTF-8",
        action: "what was in service before stays",
        at: { file, line: 2, column: 15 },
        subject: "MeshConfig",
      },
    ],
  });
  await writeFile(file, "proxyListenPort: 300");
  expect(await heard()).toEqual({ ports: [300], problems: [] });
});

test.each([
  ["UTF-16", Buffer.from("\ufeffproxyListenPort: 2", "utf16le"), "the file is UTF-16 text; save it as UTF-8"],
  ["a NUL", Buffer.from("proxyListenPort: 2\0"), "there is a NUL, which no text has; restore the file, or remove it"],
])("%s in the file is no mesh configuration", async (_, content, message) => {
  const { problems } = await begin(content);
  expect(problems).toMatchObject([{ code: "mesh-config-syntax", message }]);
});

test("what does not parse is told of with its place", async () => {
  await begin("proxyListenPort: 1");
  await writeFile(file, "proxyListenPort: 2\ningressClass: [");
  const { ports, problems } = await heard();
  expect([ports, problems]).toMatchObject([[], [{ code: "mesh-config-syntax", at: { file, line: 2 } }]]);
});

test("without a file the defaults are served, which is worth a word if somebody named it", async () => {
  const { problems } = await follow(true);
  expect(problems).toMatchObject([{ code: "mesh-config-missing", severity: "warning" }]);
  await writeFile(file, "proxyListenPort: 7");
  expect(await heard()).toEqual({ ports: [15001, 7], problems: [] });
});
