import { equals } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { messageOf } from "../../src/wire/registry.ts";
import type { Kind } from "./kinds.ts";
import { type Config, type DropReason, readConfig } from "./read-config.ts";
import type { Release } from "./releases.ts";

/** Something that istiod tells the rest of itself. */
export interface StoreEvent {
  readonly type: "add" | "update" | "delete";
  readonly kind: string;
  /** `namespace/name`. */
  readonly name: string;
  /** Whether it makes istiod push to the mesh; an update of nothing that matters does not. */
  readonly pushes: boolean;
}

/** An element of an answer that istiod silently ignored. */
export interface Drop {
  readonly kind: string;
  readonly name: string;
  readonly reason: DropReason;
}

/** The configuration that istiod holds, and what the answers did to it. */
export class ConfigStore {
  readonly events: StoreEvent[] = [];
  readonly drops: Drop[] = [];
  readonly #release: Release;
  readonly #revision: string;
  readonly #byKind: ReadonlyMap<string, Map<string, Config>>;

  constructor(release: Release, revision: string) {
    this.#release = release;
    this.#revision = release.knowsRevisions ? revision : "";
    this.#byKind = new Map(release.kinds.map(({ kind }) => [kind, new Map()]));
  }

  /** What it holds of a kind, by name. */
  of(kind: string): ReadonlyMap<string, Config> {
    return this.#byKind.get(kind) ?? new Map();
  }

  /** Takes in an answer, which is all that there is of a kind. */
  apply(kind: Kind, elements: readonly Any[]): void {
    const held = this.#byKind.get(kind.kind)!;
    const before = [...held.keys()];
    const received = new Set<string>();
    for (const element of elements) {
      const read = readConfig(element, kind, this.#revision);
      if (read.ok) {
        received.add(keyOf(read.config));
        this.#take(kind, held, read.config);
      } else this.drops.push({ kind: kind.kind, name: read.name, reason: read.reason });
    }
    for (const name of before) {
      if (received.has(name) || !this.#release.handlesDeletes) continue;
      held.delete(name);
      this.events.push({ type: "delete", kind: kind.kind, name, pushes: true });
    }
  }

  #take(kind: Kind, held: Map<string, Config>, config: Config): void {
    const name = keyOf(config);
    const old = held.get(name);
    if (old === undefined) {
      held.set(name, config);
      this.events.push({ type: "add", kind: kind.kind, name, pushes: true });
    } else if (!this.#release.comparesVersions || old.version !== config.version || config.version === "") {
      held.set(name, config);
      this.events.push({ type: "update", kind: kind.kind, name, pushes: needsPush(kind, old, config) });
    }
  }
}

function keyOf({ namespace, name }: Config): string {
  return `${namespace}/${name}`;
}

/** An update pushes when its spec differs, and always when somebody labelled or annotated it in Istio's name. */
function needsPush(kind: Kind, old: Config, current: Config): boolean {
  const keys = [old, current].flatMap(({ labels, annotations }) => Object.keys({ ...labels, ...annotations }));
  if (keys.some((key) => key.includes("istio.io"))) return true;
  return !equals(messageOf("current", kind.message), old.spec, current.spec);
}
