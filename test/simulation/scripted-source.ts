import type { Collection } from "../../src/model/names.ts";
import type { Problem } from "../../src/model/problem.ts";
import type { Resource } from "../../src/model/resource.ts";
import type { Source, SourceBatch } from "../../src/sources/source.ts";
import { published, resource } from "./pool.ts";
import type { Random } from "./random.ts";

/** Who listens to what sources say, beside the pipeline. */
export interface Listener {
  begun(source: string): void;
  told(source: string, batch: SourceBatch): void;
}

const trouble: Problem = { severity: "error", code: "gone", message: "the origin is gone", action: "nothing changes" };

/** Marks the failures that a schedule wants, so that others stand out. */
export const SCRIPTED = "scripted failure";

/**
 * A source whose origin changes as the schedule has it, and which says so only when told: edits, lists in pieces, outages.
 * It keeps the contract of `sources/source.ts`.
 */
export class ScriptedSource implements Source {
  readonly name: string;
  readonly origin: ReadonlyMap<Collection, Map<string, Resource>> = new Map(published.map((c) => [c, new Map()]));
  listener: Listener | undefined;
  #phase: "idle" | "listing" | "live" | "degraded" = "idle";
  readonly #listed = new Set<Collection>();
  /** Collections that changed while the source could not see its origin. */
  readonly #missed = new Set<Collection>();
  #sayings: (SourceBatch | Error | "end")[] = [];
  #wake: (() => void) | undefined;

  constructor(name: string) {
    this.name = name;
  }

  get phase(): string {
    return this.#phase;
  }

  async *read(signal: AbortSignal): AsyncIterable<SourceBatch> {
    this.#phase = "listing";
    this.#listed.clear();
    this.#missed.clear();
    this.#sayings = [];
    this.listener?.begun(this.name);
    const stop = (): void => this.#wake?.();
    signal.addEventListener("abort", stop, { once: true });
    try {
      while (!signal.aborted) {
        const next = this.#sayings.shift();
        if (next === "end") return;
        if (next instanceof Error) throw next;
        if (next === undefined) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        } else {
          this.listener?.told(this.name, next);
          yield next;
        }
      }
    } finally {
      signal.removeEventListener("abort", stop);
      this.#phase = "idle";
    }
  }

  /** Puts a resource in the origin's place of a name, or takes away what is there; said at once if the source can see it. */
  edit(collection: Collection, name: number, variant: number | undefined): void {
    const content = this.origin.get(collection)!;
    const made = resource(collection, name, variant ?? 0);
    if (variant === undefined) content.delete(made.name);
    else content.set(made.name, made);
    if (this.#phase === "live" || (this.#phase === "listing" && this.#listed.has(collection))) {
      this.#say({
        kind: "patch",
        upserts: variant === undefined ? [] : [made],
        deletes: variant === undefined ? [made] : [],
      });
    } else if (this.#phase === "degraded") this.#missed.add(collection);
  }

  /** Takes all of a collection away and puts the same in its place, made anew: two pieces of news, if the source can see it. */
  renew(collection: Collection): void {
    const content = this.origin.get(collection)!;
    const deletes = [...content.values()];
    const upserts = this.#all(collection);
    for (const resource of upserts) content.set(resource.name, resource);
    if (this.#phase === "live" || (this.#phase === "listing" && this.#listed.has(collection))) {
      this.#say({ kind: "patch", upserts: [], deletes });
      this.#say({ kind: "patch", upserts, deletes: [] });
    } else if (this.#phase === "degraded") this.#missed.add(collection);
  }

  /** Says all of one collection again, changed or not. */
  repeat(collection: Collection): boolean {
    if (this.#phase !== "live") return false;
    this.#say({ kind: "replace", collection, resources: this.#all(collection) });
    return true;
  }

  /** Says the next part of the first list, in the end that this was all. */
  list(random: Random): boolean {
    if (this.#phase !== "listing") return false;
    const next = published.find((collection) => !this.#listed.has(collection));
    if (next === undefined) {
      this.#phase = "live";
      this.#say({ kind: "synced" });
      return true;
    }
    this.#listed.add(next);
    if (random.chance(0.5)) this.#say({ kind: "replace", collection: next, resources: this.#all(next) });
    else this.#say({ kind: "patch", upserts: this.#all(next), deletes: [] });
    return true;
  }

  /** Breaks down: the pipeline starts it again in its own time. */
  fail(how: "throw" | "end"): boolean {
    if (this.#phase === "idle") return false;
    this.#phase = "idle";
    this.#say(how === "throw" ? new Error(SCRIPTED) : "end");
    return true;
  }

  degrade(): boolean {
    if (this.#phase !== "live") return false;
    this.#phase = "degraded";
    this.#say({ kind: "degraded", reason: trouble });
    return true;
  }

  /** Sees its origin again, and says what it missed. */
  recover(): boolean {
    if (this.#phase !== "degraded") return false;
    this.#phase = "live";
    this.#say({ kind: "recovered" });
    for (const collection of this.#missed) this.repeat(collection);
    this.#missed.clear();
    return true;
  }

  /** Says something that changes no content. */
  chat(random: Random): boolean {
    if (this.#phase === "idle") return false;
    if (random.chance(0.5)) this.#say({ kind: "progress", done: 1, total: 2, unit: "files" });
    else this.#say({ kind: "problems", scope: "a.yaml", problems: random.chance(0.5) ? [trouble] : [] });
    return true;
  }

  /** All of a collection, made anew, as by a source that reads its origin again. */
  #all(collection: Collection): Resource[] {
    return Array.from(this.origin.get(collection)!.values(), (resource) => ({ ...resource }));
  }

  #say(saying: SourceBatch | Error | "end"): void {
    this.#sayings.push(saying);
    this.#wake?.();
  }
}
