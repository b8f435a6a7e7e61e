import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { istioCollections } from "../../../src/model/registry.ts";
import { type HeldVersions, InMemoryStore, runSink, serveSink } from "../../../src/sdk/sink.ts";
import { GalleyProcess, runGalley } from "../../support/galley-process.ts";
import type { Tally } from "../tally.ts";
import { gateway, put } from "./content.ts";
import { equal, eventually } from "./eventually.ts";
import { OriginalGalley } from "./original.ts";
import type { IstioPrograms } from "./programs.ts";

const samples = fileURLToPath(new URL("../../../samples/leafpress", import.meta.url));

const gateways = "istio/networking/v1alpha3/gateways";

const mesh = "istio/mesh/v1alpha1/MeshConfig";

/** The collections that either Galley serves without Kubernetes. */
const collections: readonly string[] = istioCollections()
  .all.filter(
    ({ mcp, excludedByDefault, snapshotGroup }) => mcp === "1.3" && !excludedByDefault && snapshotGroup === "default",
  )
  .map(({ name }) => name);

/** Has our sinks read from Istio's Galley: the library, which dials and is called, and `galley watch`. */
export async function checkSinks(programs: IstioPrograms, into: string, tally: Tally): Promise<void> {
  const folder = join(into, "sink-config");
  await cp(samples, folder, { recursive: true });
  await put(folder, "a.yaml", gateway("a", 80) + gateway("b", 81));
  const sinkFolder = `${folder}-called`;
  await cp(folder, sinkFolder, { recursive: true });
  await using original = await OriginalGalley.start(programs.galley, folder);
  await using ours = await GalleyProcess.start(folder, `--mesh-config-file=${folder}.mesh.yaml`);
  await ours.ready();

  let held: InMemoryStore | undefined;
  for (const incremental of [false, true]) {
    const how = incremental ? "asking for deltas" : "in full state";
    await tally.check(`sink: holds the same from either Galley, ${how}`, async () => {
      await using theirs = new LibrarySink(original.address, incremental);
      await using own = new LibrarySink(ours.address, incremental);
      await eventually(() =>
        equal("what came from the original", [...theirs.store.topics].sort(), [...collections].sort()),
      );
      await eventually(() => equal("what differs", shown(theirs.store), shown(own.store)));
      equal("whether that is the samples", shown(theirs.store).length > 30, true);
    });
    await tally.check(`sink: has from the original what is changed and deleted, ${how}`, async () => {
      await using sink = new LibrarySink(original.address, incremental);
      await eventually(() => equal("the gateways", foreign(sink.store), ["foreign/a", "foreign/b"]));
      const before = sink.store.get(gateways)?.get("foreign/a")?.version;
      await put(folder, "a.yaml", gateway("a", 8080));
      original.reread();
      await eventually(() => equal("the gateways", foreign(sink.store), ["foreign/a"]));
      equal("whether the version is another", sink.store.get(gateways)?.get("foreign/a")?.version !== before, true);
      held = sink.store;
      await put(folder, "a.yaml", gateway("a", 80) + gateway("b", 81));
      original.reread();
      await eventually(() => equal("the gateways", foreign(sink.store), ["foreign/a", "foreign/b"]));
    });
  }
  await tally.check("sink: holds the same from the original when it comes back with what it kept", async () => {
    await put(folder, "a.yaml", gateway("b", 8081));
    original.reread();
    await using fresh = new LibrarySink(original.address, false);
    await eventually(() => equal("the gateways", foreign(fresh.store), ["foreign/b"]));
    await using back = new LibrarySink(original.address, true, held);
    await eventually(() => equal("what differs", shown(back.store), shown(fresh.store)));
  });
  await tally.check("galley watch: shows the same from either Galley", async () => {
    const watch = async (address: string): Promise<readonly string[]> => {
      const names = collections.filter((name) => name !== mesh);
      const flags = ["--once", "--output=json", "--timeout=20s", `--server=${address}`];
      const { stdout, stderr, code } = await runGalley("watch", ...names, ...flags);
      if (code !== 0) throw new Error(stderr);
      return stdout
        .trim()
        .split("\n")
        .map((line) => JSON.stringify(sorted({ ...(JSON.parse(line) as object), version: "" })))
        .sort();
    };
    await eventually(async () => equal("what is shown", await watch(original.address), await watch(ours.address)));
  });
  await tally.check("sink: that is called by the original holds the same, and what changes", async () => {
    const store = new InMemoryStore();
    await using server = await serveSink({ address: "127.0.0.1:0", collections, apply: store.apply });
    await using caller = await OriginalGalley.start(
      programs.galley,
      sinkFolder,
      `--sinkAddress=${server.address}`,
      "--sinkAuthMode=NONE",
    );
    await eventually(() => {
      caller.program.alive();
      equal("the gateways", foreign(store), ["foreign/a", "foreign/b"]);
    });
    await put(sinkFolder, "a.yaml", gateway("c", 82));
    caller.reread();
    await eventually(() => equal("the gateways", foreign(store), ["foreign/c"]));
  });
}

/** A sink made with the library, which keeps what it is sent. */
class LibrarySink implements AsyncDisposable {
  readonly store: InMemoryStore;
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;

  /** @param kept what it holds from an earlier life. */
  constructor(address: string, incremental: boolean, kept = new InMemoryStore()) {
    this.store = kept;
    const held: HeldVersions = kept.versions;
    const { apply } = this.store;
    this.#ended = runSink({ address, collections, incremental, held, apply, signal: this.#stop.signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }
}

/** The same with the keys of objects in order: Istio's Galley writes maps as they come. */
function sorted<T>(value: T): T {
  if (Array.isArray(value)) return value.map(sorted) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, sorted(part as unknown)])) as T;
}

/** A mesh config without what is decided to be otherwise: the time of the start, and two defaults that only 1.3.6 has. */
function comparable(value: unknown): unknown {
  const skipped = new Set(["createdAt", "ingressClass", "ingressControllerMode"]);
  return JSON.parse(JSON.stringify(value, (key, part: unknown) => (skipped.has(key) ? undefined : part)));
}

/** Everything that is stored but versions, a line a resource, in order. */
function shown(store: InMemoryStore): readonly string[] {
  return store.topics
    .flatMap((topic) =>
      [...store.get(topic)!.values()].map((resource) => {
        const { name, typeUrl, labels, annotations, createdAt } = resource;
        const inOrder = sorted({ name, typeUrl, labels, annotations, createdAt, body: resource.body() });
        return `${topic} ${JSON.stringify(topic === mesh ? comparable(inOrder) : inOrder)}`;
      }),
    )
    .sort();
}

/** Gateways of the namespace `foreign`, by name. */
function foreign(store: InMemoryStore): readonly string[] {
  return [...(store.get(gateways)?.keys() ?? [])].filter((name) => name.startsWith("foreign/")).sort();
}
