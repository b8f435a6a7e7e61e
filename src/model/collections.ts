import type { Collection } from "./names.ts";
import type { Generation } from "./resource.ts";

/** A part of the configuration that is published as one consistent snapshot. */
export type SnapshotGroup = "default" | "syntheticServiceEntry";

/** All that is known of a collection ahead of time. */
export interface CollectionSpec {
  readonly name: Collection;
  /** Full name of the body's message, such as `istio.networking.v1alpha3.Gateway`. */
  readonly message: string;
  /** API group of the kind that feeds it; empty for the core group and for what no kind feeds (`kind` is empty then). */
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  /** Versions of the group under which the kind is accepted. */
  readonly versions: readonly string[];
  readonly clusterScoped: boolean;
  /** API generations that it is encoded for. */
  readonly generations: readonly Generation[];
  /** The generation that MCP sinks of this collection are served. */
  readonly mcp: Generation;
  readonly snapshotGroup: SnapshotGroup;
  /** Not read unless asked for (`--excludedResourceKinds`). */
  readonly excludedByDefault: boolean;
  /** Made by Galley itself, never read from a document. */
  readonly generated: boolean;
}

/** The collections that a process knows. */
export class CollectionRegistry {
  readonly all: readonly CollectionSpec[];
  readonly #byName: ReadonlyMap<string, CollectionSpec>;
  readonly #byKind: ReadonlyMap<string, CollectionSpec>;

  /** @throws Error when two entries share a name, or a kind of one group: a bug in the table. */
  constructor(specs: readonly CollectionSpec[]) {
    this.all = [...specs].sort((a, b) => (a.name < b.name ? -1 : 1));
    const byName = new Map<string, CollectionSpec>();
    const byKind = new Map<string, CollectionSpec>();
    for (const spec of this.all) {
      if (byName.has(spec.name)) throw new Error(`collection ${spec.name} is registered twice`);
      byName.set(spec.name, spec);
      if (spec.generated || spec.kind === "") continue;
      const key = `${spec.group}/${spec.kind}`;
      if (byKind.has(key)) throw new Error(`kind ${key} feeds two collections`);
      byKind.set(key, spec);
    }
    this.#byName = byName;
    this.#byKind = byKind;
  }

  /** The collection of that name; takes any string, so that names from the wire are checked here. */
  get(name: string): CollectionSpec | undefined {
    return this.#byName.get(name);
  }

  /** The collection that a kind feeds, whatever its version. */
  forKind(group: string, kind: string): CollectionSpec | undefined {
    return this.#byKind.get(`${group}/${kind}`);
  }

  /** The same registry without the collections that `drop` names. */
  without(drop: (spec: CollectionSpec) => boolean): CollectionRegistry {
    return new CollectionRegistry(this.all.filter((spec) => !drop(spec)));
  }
}
