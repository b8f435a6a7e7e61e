import type { Collection } from "../../src/model/names.ts";
import type { Resource } from "../../src/model/resource.ts";
import type { Snapshot } from "../../src/snapshot/hub.ts";
import type { Table } from "../../src/snapshot/table.ts";
import type { SourceBatch } from "../../src/sources/source.ts";
import type { Findings } from "./findings.ts";
import { type Content, textOf } from "./content.ts";
import { published } from "./pool.ts";

/** Which version stands for which content, for a whole schedule: a server that restarts must say the same again (I12). */
export class Versions {
  readonly #contents = new Map<string, Content>();
  readonly #versions = new Map<string, string>();
  readonly #findings: Findings;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  note(version: string, content: Content): void {
    const text = textOf(content);
    const known = this.#contents.get(version);
    if (known === undefined) this.#contents.set(version, content);
    else this.#findings.check(textOf(known) === text, `I12: version ${version} stands for two contents`);
    const before = this.#versions.get(text);
    if (before === undefined) this.#versions.set(text, version);
    else this.#findings.check(before === version, `I12: the same content has versions ${before} and ${version}`);
  }

  /** The content that was published under the version. */
  of(version: string): Content | undefined {
    return this.#contents.get(version);
  }
}

/** What one server ought to have published, reckoned from what the sources said to it: plain maps, the slow way. */
export class Truth {
  readonly #given = new Map<string, Said>();
  /** What sources have said that are read from their beginning and have not come to its end; it counts from then on. */
  readonly #listed = new Map<string, Said>();
  readonly #synced = new Set<string>();
  readonly #latest = new Map<Collection, string>();
  #published: Snapshot | undefined;
  readonly #revisions = new Map<Collection, number>();
  readonly #sources: readonly string[];
  readonly #versions: Versions;
  readonly #findings: Findings;

  /** @param sources in order of precedence */
  constructor(sources: readonly string[], versions: Versions, findings: Findings) {
    this.#sources = sources;
    this.#versions = versions;
    this.#findings = findings;
    for (const source of sources) this.#given.set(source, nothing());
  }

  /** The version that was published last. */
  latest(collection: string): string | undefined {
    return this.#latest.get(collection as Collection);
  }

  /** How many versions of a collection were published. */
  revision(collection: string): number {
    return this.#revisions.get(collection as Collection) ?? 0;
  }

  /** A source is read from its beginning. */
  begun(source: string): void {
    this.#listed.set(source, nothing());
  }

  /** A source says something, and the pipeline is about to hear it. */
  told(source: string, batch: SourceBatch): void {
    const listed = this.#listed.get(source);
    const said = listed ?? this.#given.get(source)!;
    if (batch.kind === "replace") said.get(batch.collection)!.clear();
    if (batch.kind === "patch") for (const { collection, name } of batch.deletes) said.get(collection)!.delete(name);
    if (batch.kind === "patch" || batch.kind === "replace") {
      for (const { collection, name, version } of batch.kind === "patch" ? batch.upserts : batch.resources) {
        said.get(collection)!.set(name, version);
      }
    }
    if (batch.kind === "synced" && listed !== undefined) {
      if (this.#synced.has(source)) this.#meets(this.#given.get(source)!, listed);
      this.#given.set(source, listed);
      this.#listed.delete(source);
      this.#synced.add(source);
    }
  }

  /** A source that was started anew has said everything. */
  #meets(before: Said, now: Said): void {
    const differs = published.some((collection) => textOf(before.get(collection)) !== textOf(now.get(collection)));
    this.#findings.met(`a source back with ${differs ? "other" : "the same"} content`);
  }

  /** What all sources gave to a collection, the earlier source's word before the later's. */
  content(collection: Collection): Content {
    const merged = new Map<string, string>();
    for (const source of [...this.#sources].reverse()) {
      for (const [name, version] of this.#given.get(source)!.get(collection)!) merged.set(name, version);
    }
    return merged;
  }

  /** The server publishes: compared with what it was told. */
  publishes(snapshot: Snapshot): void {
    const waiting = this.#sources.filter((source) => !this.#synced.has(source));
    this.#findings.check(waiting.length === 0, `I20: published before ${waiting.join(", ")} had said everything`);
    this.#findings.check(snapshot.size === published.length, `${snapshot.size} collections are published`);
    for (const collection of published) {
      const table = snapshot.get(collection);
      this.#meetsRenewed(this.#published?.get(collection), table);
      const actual = new Map<string, string>([...(table ?? [])].map(({ name, version }) => [name, version]));
      const expected = this.content(collection);
      const same = textOf(actual) === textOf(expected);
      this.#findings.check(
        same,
        `I20: published is ${textOf(actual)} where ${textOf(expected)} was said, in ${collection}`,
      );
      this.#versions.note(table?.version ?? "", actual);
      if (this.#latest.get(collection) === table?.version) continue;
      this.#latest.set(collection, table?.version ?? "");
      this.#revisions.set(collection, this.revision(collection) + 1);
    }
    this.#published = snapshot;
  }

  /** Whoever remembers something about a resource may find an equal one in its place, in a content that is another. */
  #meetsRenewed(before: Table | undefined, now: Table | undefined): void {
    if (before === undefined || now === undefined || before.version === now.version) return;
    const isRenewed = (resource: Resource): boolean => {
      const old = before.get(resource.name);
      return old !== resource && old?.version === resource.version;
    };
    if ([...now].some(isRenewed)) this.#findings.met("a resource made anew");
  }
}

/** Versions of resources by name, for each collection. */
type Said = ReadonlyMap<Collection, Map<string, string>>;

function nothing(): Said {
  return new Map(published.map((collection) => [collection, new Map<string, string>()]));
}
