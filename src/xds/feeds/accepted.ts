import { type Problem, readPlace } from "../../model/problem.ts";
import type { ResourceName } from "../../model/names.ts";
import type { Resource } from "../../model/resource.ts";
import { type Delta, deltaOfObjects } from "../../snapshot/delta.ts";
import { type Change, Table } from "../../snapshot/table.ts";

/** What is wrong with a resource; `undefined` when istiod takes it. */
type Judge = (resource: Resource) => Problem | undefined;

export interface AcceptedOptions {
  /** What is published. */
  readonly latest: () => Table | undefined;
  readonly judge: Judge;
  /** Told of all problems there are, at every change of them. */
  readonly report: (problems: readonly Problem[]) => void;
}

interface Held {
  /** What stays in service in its place: the last version that passed. */
  readonly lastGood: Resource | undefined;
  readonly problem: Problem;
}

/** The judging of one published version. */
interface Trial {
  readonly published: Table;
  readonly delta: Delta;
  /** How many of the delta's resources are judged. */
  judged: number;
  /** Whether what is held back may not be what was reported last. */
  isNews: boolean;
}

/**
 * A collection without what istiod would drop without a word. Of what is held back, the last version that passed stays:
 * istiod deletes what is missing. Content that passes as a whole is the very table that was published.
 *
 * A published version is judged in portions: first `begin`, then `judge` until `isJudged`, then `settle`. Until that nothing
 * of it is seen.
 */
export class Accepted {
  readonly #options: AcceptedOptions;
  readonly #followers = new Set<() => void>();
  readonly #heldBack = new Map<ResourceName, Held>();
  #published: Table | undefined;
  #accepted = Table.empty;
  #trial: Trial | undefined;

  constructor(options: AcceptedOptions) {
    this.#options = options;
  }

  /** What passed of what was judged last; `undefined` before that, and when nothing is published. */
  get table(): Table | undefined {
    return this.#published === undefined || this.#options.latest() === undefined ? undefined : this.#accepted;
  }

  /** Whether nothing is left to judge of what `begin` took. */
  get isJudged(): boolean {
    return this.#trial === undefined || this.#trial.judged === this.#trial.delta.upserts.length;
  }

  /** Has `changed` called when there is something new in `table`. Returns what ends that. */
  follow(changed: () => void): () => void {
    // A function of its own, so that one that is given twice follows twice.
    const follow = (): void => changed();
    this.#followers.add(follow);
    return () => this.#followers.delete(follow);
  }

  /** Takes what is published now to be judged next; `false` when it was judged already. */
  begin(): boolean {
    const published = this.#options.latest();
    if (published === undefined || published.version === this.#published?.version) return false;
    // What was made anew is judged anew, equal as it may be: whoever judges may remember things about what it saw.
    const delta = deltaOfObjects(this.#published ?? Table.empty, published);
    let isNews = this.#heldBack.size > 0;
    for (const name of delta.removed) isNews = this.#heldBack.delete(name) || isNews;
    this.#trial = { published, delta, judged: 0, isNews };
    return true;
  }

  /** Judges so many resources at the most; returns how many it were. */
  judge(most: number): number {
    const trial = this.#trial;
    if (trial === undefined) return 0;
    const { upserts, removed } = trial.delta;
    const from = trial.judged;
    trial.judged = Math.min(upserts.length, from + most);
    for (let i = from; i < trial.judged; i++) {
      if (this.#take(upserts[i]!, removed)) trial.isNews = true;
    }
    return trial.judged - from;
  }

  /** Has what was judged be seen from now on. Those who follow are not told: `tell` does that. */
  settle(): void {
    if (this.#trial === undefined) return;
    const { published, isNews } = this.#trial;
    this.#trial = undefined;
    this.#published = published;
    this.#accepted = this.#heldBack.size === 0 ? published : published.with(this.#replacements(published));
    if (isNews) this.#options.report([...this.#heldBack.values()].map(({ problem }) => problem));
  }

  tell(): void {
    for (const follow of this.#followers) follow();
  }

  /** Judges one resource. @returns whether what is held back changed */
  #take(resource: Resource, removed: readonly ResourceName[]): boolean {
    const { name } = resource;
    const problem = this.#options.judge(resource);
    if (problem === undefined) return this.#heldBack.delete(name);
    const lastGood =
      this.#heldBack.get(name)?.lastGood ?? this.#accepted.get(name) ?? this.#renamedFrom(resource, removed);
    const action = lastGood === undefined ? problem.action : "clients over xDS keep the last version that passed";
    this.#heldBack.set(name, { lastGood, problem: { ...problem, action } });
    return true;
  }

  *#replacements(published: Table): Iterable<Change> {
    for (const [name, { lastGood }] of this.#heldBack) {
      if (lastGood === undefined || lastGood.name === name) yield { name, resource: lastGood };
      else {
        yield { name, resource: undefined };
        if (published.get(lastGood.name) === undefined) yield { name: lastGood.name, resource: lastGood };
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
}
