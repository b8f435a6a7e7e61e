import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Collection, ResourceName } from "../../model/names.ts";
import { istioCollections } from "../../model/registry.ts";
import { decodeResource } from "../../model/decode-resource.ts";
import type { SourceBatch } from "../source.ts";
import type { ResourceDocument } from "./document.ts";
import { MemorySource } from "./source.ts";

const GATEWAYS = "istio/networking/v1alpha3/gateways" as Collection;

function gateway(name: string, app = "web"): ResourceDocument {
  return { apiVersion: "networking.istio.io/v1", kind: "Gateway", metadata: { name }, spec: { selector: { app } } };
}

function key(name: string) {
  return { collection: GATEWAYS, name: name as ResourceName };
}

/** Reads batch by batch, as slowly as a test likes. */
class Pulled implements AsyncDisposable {
  readonly #abort = new AbortController();
  readonly #batches: AsyncGenerator<SourceBatch, undefined>;
  readonly held = new Map<string, string>();

  constructor(source: MemorySource) {
    this.#batches = source.read(this.#abort.signal);
  }

  async next(): Promise<SourceBatch> {
    const { value } = await this.#batches.next();
    const batch = value!;
    if (batch.kind === "replace") for (const { name, version } of batch.resources) this.held.set(name, version);
    if (batch.kind === "patch") {
      for (const { name, version } of batch.upserts) this.held.set(name, version);
      for (const { name } of batch.deletes) this.held.delete(name);
    }
    return batch;
  }

  async synced(): Promise<this> {
    while ((await this.next()).kind !== "synced");
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#batches.return(undefined);
  }
}

const open = (): MemorySource => new MemorySource({ registry: istioCollections() });

describe("a memory source", () => {
  it("says what was set before, then that it is synced, then every change", async () => {
    const source = open();
    source.set(gateway("a"));
    await using reader = new Pulled(source);
    expect(await reader.next()).toMatchObject({ kind: "replace", collection: GATEWAYS, resources: [{ name: "a" }] });
    expect(await reader.next()).toEqual({ kind: "synced" });
    const change = reader.next();
    expect(source.set(gateway("b"))).toEqual({ verdict: "applied", set: [key("b")], warnings: [] });
    expect(await change).toMatchObject({ kind: "patch", upserts: [{ name: "b" }], deletes: [] });
    expect(source.delete(GATEWAYS, "a")).toBe(true);
    expect(source.delete(GATEWAYS, "a")).toBe(false);
    expect(await reader.next()).toEqual({ kind: "patch", upserts: [], deletes: [key("a")] });
    expect(source.size).toBe(1);
  });

  it("refuses what can't be served, says why, and changes nothing by it", () => {
    const source = open();
    source.set(gateway("a"));
    const verdict = source.apply({
      delete: [key("a")],
      set: [gateway("b"), { ...gateway("c"), spec: { servers: 1 } }, { ...gateway("d"), kind: "Gatewya" }],
    });
    expect(verdict).toMatchObject({
      verdict: "refused",
      documents: [
        { index: 1, issues: [{ code: "wrong-type", path: ["spec", "servers"] }] },
        { index: 2, issues: [{ code: "unknown-kind" }] },
      ],
    });
    expect(source.size).toBe(1);
    expect(source.has(GATEWAYS, "a")).toBe(true);
  });

  it("gives a verdict on anything", () => {
    fc.assert(
      fc.property(fc.anything(), (document) => {
        const source = open();
        const { verdict } = source.set(document as ResourceDocument);
        expect(source.size).toBe(verdict === "applied" ? 1 : 0);
      }),
    );
  });

  it("warns of what is not served of a document", () => {
    const verdict = open().set({ ...gateway("a"), spec: { selectr: {} } });
    expect(verdict).toMatchObject({
      verdict: "applied",
      warnings: [{ index: 0, issues: [{ code: "unknown-field" }] }],
    });
  });

  it("keeps the document as it was when it was set", async () => {
    const source = open();
    const document = gateway("a", "before");
    source.set(document);
    Object.assign(document.spec as object, { selector: { app: "after" } });
    await using reader = new Pulled(source);
    const batch = await reader.next();
    const [resource] = batch.kind === "replace" ? batch.resources : [];
    expect(decodeResource(resource!.legacy!, "1.3").body).toEqual({ selector: { app: "before" } });
  });

  it("says nothing of what is equal to what there is", async () => {
    const source = open();
    source.set(gateway("a"));
    await using reader = await new Pulled(source).synced();
    source.set(gateway("a"));
    source.set(gateway("b"));
    expect(await reader.next()).toMatchObject({ upserts: [{ name: "b" }] });
  });

  it("tells a slow reader only the newest of what changed, and an edit never in parts", async () => {
    const source = open();
    await using reader = await new Pulled(source).synced();
    for (let i = 0; i < 50; i++) source.apply({ set: [gateway("a", `${i}`), gateway("b", `${i}`)] });
    source.apply({ delete: [key("a")], set: [gateway("c")] });
    const batch = await reader.next();
    expect(batch).toMatchObject({ upserts: [{ name: "b" }, { name: "c" }], deletes: [key("a")] });
  });

  it("brings every reader, early or late, fast or slow, to what there is", async () => {
    const edit = fc.record({
      set: fc.array(fc.tuple(fc.constantFrom("a", "b", "c", "d"), fc.constantFrom("x", "y")), { maxLength: 3 }),
      gone: fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { maxLength: 2 }),
      pull: fc.boolean(),
      join: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { maxLength: 20 }), async (edits) => {
        const source = open();
        const readers = [await new Pulled(source).synced()];
        for (const { set, gone, pull, join } of edits) {
          if (join) readers.push(await new Pulled(source).synced());
          source.apply({ set: set.map(([name, app]) => gateway(name, app)), delete: gone.map(key) });
          if (pull) await changed(source, readers[0]!);
        }
        source.set(gateway("last", `${edits.length}`));
        const fresh = await new Pulled(source).synced();
        for (const reader of readers) {
          while (!reader.held.has("last")) await reader.next();
          expect(reader.held).toEqual(fresh.held);
        }
        for (const reader of [...readers, fresh]) await reader[Symbol.asyncDispose]();
      }),
      { numRuns: 100 },
    );
  });

  it("ends a reading that is told to stop while it waits", async () => {
    const abort = new AbortController();
    const batches = open().read(abort.signal);
    expect((await batches.next()).value).toEqual({ kind: "synced" });
    const end = batches.next();
    abort.abort();
    expect((await end).done).toBe(true);
  });
});

/** Lets a reader take what there is, by a change that certainly is one. */
async function changed(source: MemorySource, reader: Pulled): Promise<void> {
  source.set(gateway("tick", `${Math.random()}`));
  await reader.next();
}
