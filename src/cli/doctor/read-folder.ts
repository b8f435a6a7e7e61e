import { systemClock } from "../../lib/clock.ts";
import { GalleyError } from "../../lib/errors.ts";
import type { CollectionRegistry } from "../../model/collections.ts";
import { decodeDocument } from "../../model/decode.ts";
import { formatPlace, type Problem } from "../../model/problem.ts";
import type { Resource } from "../../model/resource.ts";
import { createFileSource } from "../../sources/fs/source.ts";
import { judgeForIstiod } from "../../xds/feeds/istiod-rules.ts";
import { addTo, type Configuration, isFedToIstiod, noSample, responseBytes, type Sample } from "./configuration.ts";

/** Reads a folder as the server would, and measures what it holds. Throws `GalleyError` if the folder can't be read. */
export async function readFolder(root: string, registry: CollectionRegistry): Promise<Configuration> {
  const tally = new Tally(registry);
  // The label is read while there is still a document; afterwards there are only bytes.
  const revisionOf = new WeakMap<Resource, string>();
  const source = createFileSource({
    root,
    clock: systemClock,
    decode(doc, origin, store) {
      const parsed = decodeDocument(doc, registry, origin, { store });
      const revision = labelOf(doc);
      if (parsed.ok && parsed.value !== undefined && revision !== undefined) revisionOf.set(parsed.value, revision);
      return parsed;
    },
  });
  for await (const batch of source.read(new AbortController().signal)) {
    if (batch.kind === "patch") {
      for (const resource of batch.upserts) tally.add(resource, revisionOf.get(resource));
    } else if (batch.kind === "problems") tally.note(batch.problems);
    else if (batch.kind === "degraded") throw unreadable(root, batch.reason);
    else if (batch.kind === "synced") break;
  }
  return tally.result(root);
}

function unreadable(root: string, { message }: Problem): GalleyError {
  return new GalleyError("GLY_NOT_EXAMINED", `--config-path=${root}: ${message}`, {
    hint: "give the folder that galley server reads",
  });
}

function labelOf(doc: unknown): string | undefined {
  const metadata = (doc as { readonly metadata?: unknown } | null)?.metadata;
  const labels = (metadata as { readonly labels?: unknown } | null | undefined)?.labels;
  const label = (labels as Readonly<Record<string, unknown>> | null | undefined)?.["istio.io/rev"];
  return typeof label === "string" && label !== "" ? label : undefined;
}

/** Sums up resources as they come; of each only its size is kept. */
class Tally {
  readonly #registry: CollectionRegistry;
  readonly #sizes = new Map<string, { count: number; bytes: number }>();
  readonly #revisions = new Map<string, Sample>();
  readonly #heldBack = new Map<string, Sample>();
  #errors = noSample;

  constructor(registry: CollectionRegistry) {
    this.#registry = registry;
  }

  add(resource: Resource, revision: string | undefined): void {
    const size = this.#sizes.get(resource.collection) ?? { count: 0, bytes: 0 };
    this.#sizes.set(resource.collection, size);
    size.count++;
    const spec = this.#registry.get(resource.collection);
    if (spec === undefined || !isFedToIstiod(spec)) return;
    const who = `${spec.kind} ${resource.name} (${resource.origin.describe()})`;
    const objection = judgeForIstiod(spec, resource);
    if (objection !== undefined) {
      const { code, message } = objection;
      this.#heldBack.set(code, addTo(this.#heldBack.get(code) ?? noSample, `${who}: ${message}`));
      return;
    }
    size.bytes += resource.current?.length ?? 0;
    if (revision !== undefined) this.#revisions.set(revision, addTo(this.#revisions.get(revision) ?? noSample, who));
  }

  note(problems: readonly Problem[]): void {
    for (const { severity, at, message } of problems) {
      if (severity !== "error") continue;
      this.#errors = addTo(this.#errors, `${at === undefined ? "" : `${formatPlace(at)}: `}${message}`);
    }
  }

  result(from: string): Configuration {
    const kinds = [...this.#sizes].flatMap(([collection, { count, bytes }]) => {
      const spec = this.#registry.get(collection);
      return spec === undefined ? [] : [{ spec, count, bytes: responseBytes(count, bytes) }];
    });
    return {
      from,
      isEstimate: false,
      kinds: kinds.sort((a, b) => (a.spec.name < b.spec.name ? -1 : 1)),
      revisions: this.#revisions,
      heldBack: this.#heldBack,
      errors: this.#errors,
    };
  }
}
