import type { CollectionRegistry } from "../../model/collections.ts";
import { decodeDocument } from "../../model/decode.ts";
import type { Collection, ResourceName } from "../../model/names.ts";
import type { Issue } from "../../model/parsed.ts";
import type { Origin, Resource, ResourceKey } from "../../model/resource.ts";
import type { Source, SourceBatch } from "../source.ts";
import type { ResourceDocument } from "./document.ts";
import { Unsaid } from "./unsaid.ts";

export interface MemorySourceOptions {
  /** What may be set; a document of any other kind is refused. */
  readonly registry: CollectionRegistry;
  /** What the source is called among the sources of a server; `memory` unless said otherwise. */
  readonly name?: string;
}

/** What names a resource; the keys of verdicts do, and so do plain texts. */
export interface KeyLike {
  readonly collection: string;
  /** `namespace/name`, or the bare name of what has no namespace. */
  readonly name: string;
}

/** Changes that become visible together, or not at all. Deletions come first. */
export interface Edit {
  readonly set?: readonly ResourceDocument[];
  readonly delete?: readonly KeyLike[];
}

/** What there is to say about a document; `index` counts in `Edit.set`. */
export interface JudgedDocument {
  readonly index: number;
  readonly issues: readonly Issue[];
}

/**
 * What became of an edit. `applied`: all of it; `warnings` are about documents that are served, but not all of what they say.
 * `refused`: none of it.
 */
export type EditVerdict =
  | { readonly verdict: "applied"; readonly set: readonly ResourceKey[]; readonly warnings: readonly JudgedDocument[] }
  | { readonly verdict: "refused"; readonly documents: readonly JudgedDocument[] };

/** The documents of an edit, sorted by what there is to say of them. */
interface Judged {
  readonly resources: Resource[];
  readonly refused: JudgedDocument[];
  readonly warnings: JudgedDocument[];
}

/**
 * A source that code fills: documents are validated and encoded when they are set, and are on their way to sinks at once.
 *
 * ```ts
 * const source = new MemorySource({ registry: istioCollections() });
 * const verdict = source.set({
 *   apiVersion: "networking.istio.io/v1",
 *   kind: "Gateway",
 *   metadata: { namespace: "shop", name: "web" },
 *   spec: { servers: [] },
 * });
 * if (verdict.verdict === "refused") throw new Error(verdict.documents[0]?.issues[0]?.message);
 * ```
 *
 * What was set before a server starts to read belongs to its first snapshot. Several may read at the same time; each is told
 * everything, in patches that hold whole edits, and a slow one only the newest state of what changed.
 */
export class MemorySource implements Source {
  readonly name: string;
  readonly #registry: CollectionRegistry;
  readonly #collections = new Map<Collection, Map<ResourceName, Resource>>();
  readonly #readers = new Set<Unsaid>();
  readonly #origin: Origin = { describe: () => this.name };

  constructor({ registry, name = "memory" }: MemorySourceOptions) {
    this.name = name;
    this.#registry = registry;
  }

  /** How many resources there are. */
  get size(): number {
    let size = 0;
    for (const resources of this.#collections.values()) size += resources.size;
    return size;
  }

  /** Adds a resource, or puts it in the place of the one of that kind and name. What is equal to it changes nothing. */
  set(document: ResourceDocument): EditVerdict {
    return this.apply({ set: [document] });
  }

  /** Takes a resource away; whether there was one. */
  delete(collection: string, name: string): boolean {
    const isThere = this.has(collection, name);
    this.apply({ delete: [{ collection, name }] });
    return isThere;
  }

  has(collection: string, name: string): boolean {
    return this.#collections.get(collection as Collection)?.has(name as ResourceName) ?? false;
  }

  /** Makes several changes at once: no reader ever sees only a part of them. */
  apply({ set = [], delete: deletes = [] }: Edit): EditVerdict {
    const { resources, refused, warnings } = this.#judge(set);
    if (refused.length > 0) return { verdict: "refused", documents: refused };
    // Whatever text names nothing that is there takes nothing away.
    for (const key of deletes) this.#remove(key as ResourceKey);
    this.#putAll(resources);
    for (const reader of this.#readers) reader.wake();
    return { verdict: "applied", set: resources.map(({ collection, name }) => ({ collection, name })), warnings };
  }

  async *read(signal: AbortSignal): AsyncGenerator<SourceBatch, undefined> {
    const unsaid = new Unsaid();
    this.#readers.add(unsaid);
    try {
      const all = [...this.#collections].map(
        ([collection, resources]) => [collection, [...resources.values()]] as const,
      );
      for (const [collection, resources] of all) yield { kind: "replace", collection, resources };
      yield { kind: "synced" };
      while (!signal.aborted) {
        const { upserts, deletes } = unsaid.take();
        if (upserts.length + deletes.length > 0) yield { kind: "patch", upserts, deletes };
        await unsaid.wait(signal);
      }
    } finally {
      this.#readers.delete(unsaid);
    }
  }

  // Loops with nothing behind them, here and in `#putAll`: V8 enters a loop that it once compiled for a large edit again, and
  // throws it away at whatever follows, at every small edit.
  #judge(documents: readonly ResourceDocument[]): Judged {
    const judged: Judged = { resources: [], refused: [], warnings: [] };
    for (const [index, document] of documents.entries()) {
      const parsed = decodeDocument(document, this.#registry, this.#origin);
      if (!parsed.ok || parsed.value === undefined) judged.refused.push({ index, issues: reasons(parsed.issues) });
      else {
        judged.resources.push(parsed.value);
        if (parsed.issues.length > 0) judged.warnings.push({ index, issues: parsed.issues });
      }
    }
    return judged;
  }

  #putAll(all: readonly Resource[]): void {
    for (const resource of all) {
      const { collection, name, version } = resource;
      let resources = this.#collections.get(collection);
      if (resources === undefined) this.#collections.set(collection, (resources = new Map()));
      if (resources.get(name)?.version === version) continue;
      resources.set(name, resource);
      for (const reader of this.#readers) reader.note(resource);
    }
  }

  #remove({ collection, name }: ResourceKey): void {
    if (this.#collections.get(collection)?.delete(name) !== true) return;
    for (const reader of this.#readers) reader.note({ collection, name });
  }
}

/** Why a document is refused; one without a reason of its own is one that there is no use for. */
function reasons(issues: readonly Issue[]): readonly Issue[] {
  if (issues.length > 0) return issues;
  const message = "the document is of a kind that is not served here, or empty";
  return [{ severity: "error", code: "not-served", path: [], message }];
}
