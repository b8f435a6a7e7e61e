import type { Collection } from "../../../src/model/names.ts";
import type { Snapshot } from "../../../src/snapshot/hub.ts";
import type { Content } from "../content.ts";
import { modernForm } from "../pool.ts";
import { extensions, type Kind, plugins } from "./kinds.ts";
import { translatedName, translatedVersion } from "./translations.ts";

/**
 * What clients of one server ought to see, reckoned from what it published: plain maps, the slow way. What an istiod would
 * drop is held back, and its last good version stays.
 */
export class Views {
  #published: ReadonlyMap<Collection, Content> | undefined;
  /** What passed, of the collections that somebody has asked for. */
  readonly #accepted = new Map<Collection, Content>();
  /** What was reckoned since something changed. */
  readonly #known = new Map<string, Content>();
  readonly #met: (what: string) => void;

  /** @param met told what is come across */
  constructor(met: (what: string) => void) {
    this.#met = met;
  }

  /** Somebody asks for a kind: from now on its content is judged. */
  asked({ collections }: Kind): void {
    for (const collection of collections) {
      if (this.#accepted.has(collection)) continue;
      this.#accepted.set(collection, this.#judge(collection, new Map()));
      this.#known.clear();
    }
  }

  publishes(snapshot: Snapshot): void {
    this.#known.clear();
    this.#published = new Map(
      [...snapshot].map(([name, table]) => [name, new Map([...table].map((r) => [r.name, r.version]))]),
    );
    for (const [collection, before] of this.#accepted) {
      this.#accepted.set(collection, this.#judge(collection, before));
    }
  }

  /** What is there of a kind, for a client of a revision; `undefined` before anything was published, or anybody asked. */
  view(kind: Kind, revision: string): Content | undefined {
    const { collections } = kind;
    if (this.#published === undefined || collections.some((name) => !this.#accepted.has(name))) return undefined;
    const key = `${revision} ${collections.join(" ")}`;
    let view = this.#known.get(key);
    if (view === undefined) this.#known.set(key, (view = this.#reckon(kind, revision)));
    return view;
  }

  #reckon({ collections }: Kind, revision: string): Content {
    const view = new Map<string, string>();
    for (const collection of collections) {
      const isTranslated = collection === plugins && collections.includes(extensions);
      for (const [name, version] of this.#accepted.get(collection)!) {
        const its = modernForm(collection, name, version).revision;
        if (revision !== "" && its !== undefined && its !== revision) continue;
        if (isTranslated) view.set(translatedName(name), translatedVersion(version));
        else view.set(name, version);
      }
    }
    return view;
  }

  #judge(collection: Collection, before: Content): Content {
    const passed = new Map<string, string>();
    for (const [name, version] of this.#published?.get(collection) ?? []) {
      const { isOffender } = modernForm(collection, name, version);
      const good = isOffender ? before.get(name) : version;
      if (isOffender) this.#met(good === undefined ? "over xDS: held back" : "over xDS: the last good version stays");
      if (good !== undefined) passed.set(name, good);
    }
    return passed;
  }
}
