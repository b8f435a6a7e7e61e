import { type Problem, readPlace } from "../../model/problem.ts";
import type { ResourceName } from "../../model/names.ts";
import type { Resource } from "../../model/resource.ts";
import { deltaTo } from "../../snapshot/delta.ts";
import { type Change, Table } from "../../snapshot/table.ts";

/** What is wrong with a resource; `undefined` when istiod takes it. */
export type Judge = (resource: Resource) => Problem | undefined;

interface Held {
  /** What stays in service in its place: the last version that passed. */
  readonly lastGood: Resource | undefined;
  readonly problem: Problem;
}

/**
 * A collection without what istiod would drop without a word. Of what is held back, the last version that passed stays:
 * istiod deletes what is missing. Content that passes as a whole is the very table that was published.
 */
export class Accepted {
  readonly #latest: () => Table | undefined;
  readonly #judge: Judge;
  readonly #report: (problems: readonly Problem[]) => void;
  readonly #heldBack = new Map<ResourceName, Held>();
  #published = Table.empty;
  #accepted = Table.empty;

  /**
   * @param latest what is published; `follow` has to be called at every change of it
   * @param report told of all problems there are, at every change of them
   */
  constructor(latest: () => Table | undefined, judge: Judge, report: (problems: readonly Problem[]) => void) {
    this.#latest = latest;
    this.#judge = judge;
    this.#report = report;
    this.follow();
  }

  /** What passed of what is published now. */
  get table(): Table {
    this.follow();
    return this.#accepted;
  }

  /** Judges what was published. A version that is never looked at would be missing where the last good one is needed. */
  follow(): void {
    const published = this.#latest();
    if (published === undefined || published === this.#published) return;
    const { upserts, removed } = deltaTo(this.#published, published);
    const before = this.#heldBack.size;
    let changed = false;
    for (const name of removed) changed = this.#heldBack.delete(name) || changed;
    for (const resource of upserts) changed = this.#take(resource, removed) || changed;
    this.#published = published;
    this.#accepted = this.#heldBack.size === 0 ? published : published.with(this.#replacements());
    if (changed || before > 0) this.#report(this.#problems());
  }

  /** Judges one resource. @returns whether what is held back changed */
  #take(resource: Resource, removed: readonly ResourceName[]): boolean {
    const { name } = resource;
    const problem = this.#judge(resource);
    if (problem === undefined) return this.#heldBack.delete(name);
    const lastGood =
      this.#heldBack.get(name)?.lastGood ?? this.#accepted.get(name) ?? this.#renamedFrom(resource, removed);
    const action = lastGood === undefined ? problem.action : "clients over xDS keep the last version that passed";
    this.#heldBack.set(name, { lastGood, problem: { ...problem, action } });
    return true;
  }

  *#replacements(): Iterable<Change> {
    for (const [name, { lastGood }] of this.#heldBack) {
      if (lastGood === undefined || lastGood.name === name) yield { name, resource: lastGood };
      else {
        yield { name, resource: undefined };
        if (this.#published.get(lastGood.name) === undefined) yield { name: lastGood.name, resource: lastGood };
      }
    }
  }

  /** A document that lost its namespace is another resource, but what it was is still its last good version. */
  #renamedFrom({ name, origin }: Resource, removed: readonly ResourceName[]): Resource | undefined {
    if (name.includes("/")) return undefined;
    const file = readPlace(origin.describe())?.file;
    if (file === undefined) return undefined;
    const before = removed
      .filter((other) => other.endsWith(`/${name}`))
      .map((other) => this.#accepted.get(other))
      .filter((other) => other !== undefined && readPlace(other.origin.describe())?.file === file);
    return before.length === 1 ? before[0] : undefined;
  }

  #problems(): Problem[] {
    return [...this.#heldBack.values()].map(({ problem }) => problem);
  }
}
