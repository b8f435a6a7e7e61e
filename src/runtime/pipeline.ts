import { Backoff } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import { follow } from "../lib/follow.ts";
import type { Logger } from "../lib/logger.ts";
import { sleep } from "../lib/sleep.ts";
import { unreachable } from "../lib/unreachable.ts";
import type { CollectionRegistry } from "../model/collections.ts";
import type { Problem } from "../model/problem.ts";
import type { Hub } from "../snapshot/hub.ts";
import type { Source, SourceBatch } from "../sources/source.ts";
import type { Published } from "./change-log.ts";
import { Losses } from "./losses.ts";
import type { RuntimeObserver } from "./observer.ts";
import { ProblemList } from "./problems.ts";
import { type HandingOut, Publisher } from "./publisher.ts";
import { Resync } from "./resync.ts";
import { type ChangeSet, State } from "./state.ts";

export interface PipelineDeps {
  /** In order of precedence. */
  readonly sources: readonly Source[];
  readonly registry: CollectionRegistry;
  readonly hub: Hub;
  readonly clock: Clock;
  readonly log: Logger;
  readonly observer: RuntimeObserver;
  /** Tells when what was just published is on its way to sinks; at once without. */
  readonly handOut?: HandingOut;
  /** Called once, when the first snapshot is out. */
  readonly onReady?: () => void;
  /** Called for every snapshot, once it is out. */
  readonly onPublished?: (published: Published) => void;
  /** Told how far a long first scan has come. */
  readonly progress?: (source: string, done: number, total: number, unit: string) => void;
  /** Decides the jitter of restarts, from 0 up to 1; passed in so that a test's schedule can be repeated. */
  readonly random?: () => number;
}

/** How a source is doing, for people. `since` is wall clock milliseconds. */
export interface SourceStatus {
  readonly name: string;
  readonly state: "starting" | "synced" | "degraded" | "failed";
  readonly since: number;
  readonly reason: Problem | undefined;
}

/** How long a source has to end when it is told to, milliseconds; one that doesn't is left to itself. */
export const SOURCE_END_MS = 500;

/** Why a source is not well: its reading ended, and no later one has said everything yet; what it says of its origin. */
interface Health {
  failure?: Problem | undefined;
  trouble?: Problem | undefined;
}

/** The scope under which a source's own state of health is listed among the problems: none that a source would name. */
const HEALTH = "\0health";

/**
 * Pulls batches from the sources into the state and has changes published. Nothing is published before every source has
 * said all that existed; after that a source in trouble only means that its part stands still.
 */
export class Pipeline implements AsyncDisposable {
  readonly problems: ProblemList;
  readonly #deps: PipelineDeps;
  readonly #state: State;
  readonly #publisher: Publisher;
  readonly #status = new Map<string, SourceStatus>();
  readonly #health = new Map<string, Health>();
  readonly #synced = new Set<string>();
  readonly #abort = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(deps: PipelineDeps) {
    this.#deps = deps;
    this.problems = new ProblemList(deps.log, () => deps.clock.wall());
    const names = deps.sources.map((source) => source.name);
    this.#state = new State(
      names,
      deps.registry.all.map((spec) => spec.name),
    );
    const losses = new Losses(deps.log);
    this.#publisher = new Publisher({
      ...deps,
      tables: () => this.#state.tables,
      onPublished: (published) => {
        for (const name of names) {
          losses.published(name, { size: this.#state.size(name), deletions: this.#state.deletions(name) });
        }
        deps.onPublished?.(published);
      },
    });
    for (const name of names) this.#said(name, {});
  }

  /** Whether the first snapshot is out. */
  get ready(): boolean {
    return this.#publisher.published;
  }

  get sources(): readonly SourceStatus[] {
    return [...this.#status.values()];
  }

  start(): void {
    this.#running = Promise.all(this.#deps.sources.map((source) => this.#supervise(source)));
  }

  /** Ends every source, but does not wait for ever for one that won't. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    this.#publisher[Symbol.dispose]();
    await this.#running;
  }

  /**
   * Reads a source until told to stop. One that throws is a bug there; it is started again, and what it gave stays as it is until
   * it has said everything anew.
   */
  async #supervise(source: Source): Promise<void> {
    const { clock, log } = this.#deps;
    const backoff = new Backoff({ minMs: 500, maxMs: 30_000, factor: 2, jitter: 0.5 }, this.#deps.random);
    const { signal } = this.#abort;
    let resync: Resync | undefined;
    const take = (batch: SourceBatch): void => {
      if (resync?.keeps(batch) === true) return;
      if (batch.kind === "synced") {
        if (resync !== undefined) this.#resynced(source.name, resync);
        resync = undefined;
        backoff.reset();
      }
      this.#take(source.name, batch);
    };
    while (!signal.aborted) {
      try {
        const left = await follow(source.read(signal), take, { signal, clock, graceMs: SOURCE_END_MS });
        if (left === "over") this.#failed(source.name, "it ended without being told to");
        else if (left === "abandoned") {
          log.warn(`the source ${source.name} does not end when it is told to, and is left to itself`, {
            source: source.name,
          });
        }
      } catch (error) {
        this.#failed(source.name, error instanceof Error ? (error.stack ?? error.message) : String(error));
      }
      if (signal.aborted) return;
      resync = new Resync();
      await sleep(clock, backoff.next(), signal);
    }
  }

  /** A source that was started anew has said everything: that takes the place of all that it gave before. */
  #resynced(source: string, resync: Resync): void {
    const { upserts, deletes, events, scopes } = resync.end(this.#state.keys(source));
    this.#changed(this.#state.patch(source, upserts, deletes), events);
    this.problems.retain(source, new Set([...scopes, HEALTH]));
  }

  #take(source: string, batch: SourceBatch): void {
    switch (batch.kind) {
      case "patch":
        this.#changed(
          this.#state.patch(source, batch.upserts, batch.deletes),
          batch.upserts.length + batch.deletes.length,
        );
        return;
      case "replace":
        this.#changed(this.#state.replace(source, batch.collection, batch.resources), batch.resources.length);
        return;
      case "synced":
        this.#synced.add(source);
        this.#said(source, { failure: undefined, trouble: undefined });
        if (this.#synced.size === this.#deps.sources.length) this.#publisher.open();
        return;
      case "degraded":
        this.#said(source, { trouble: batch.reason });
        return;
      case "recovered":
        this.#said(source, { trouble: undefined });
        return;
      case "problems":
        this.problems.set(source, batch.scope, batch.problems);
        return;
      case "progress":
        this.#deps.progress?.(source, batch.done, batch.total, batch.unit);
        return;
      default:
        unreachable(batch);
    }
  }

  #changed(changes: ChangeSet, events: number): void {
    this.#deps.observer.eventsProcessed(events);
    if (changes.size > 0) this.#publisher.changed(events);
  }

  #failed(source: string, why: string): void {
    const failure: Problem = {
      severity: "error",
      code: "source-failed",
      message: `the source ${source} failed: ${why}`,
      action: "it is started again; what it gave stays in service",
    };
    this.#said(source, { failure });
  }

  /** Notes what is known of a source's health from now on. A failure lasts until all has been said again. */
  #said(name: string, news: Health): void {
    const health = { ...this.#health.get(name), ...news };
    const { failure, trouble } = health;
    this.#health.set(name, health);
    const isSynced = this.#synced.has(name);
    const state = failure ? "failed" : trouble ? "degraded" : isSynced ? "synced" : "starting";
    const before = this.#status.get(name);
    const since = before?.state === state ? before.since : this.#deps.clock.wall();
    this.#status.set(name, { name, state, since, reason: failure ?? trouble });
    this.problems.set(
      name,
      HEALTH,
      [failure, trouble].filter((problem) => problem !== undefined),
    );
  }
}
