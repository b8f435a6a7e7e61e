import { type Clock, systemClock } from "../../lib/clock.ts";
import type { Apply } from "../../model/received/change.ts";
import type { HeldVersions } from "../../model/received/held.ts";
import { type Bodies, istioBodies } from "./bodies.ts";
import type { RequestJournal } from "./journal.ts";
import type { SinkNode } from "./requests.ts";
import type { Wish } from "./subscriptions.ts";

/** What a sink wants and what it does with it, whoever dials. */
export interface SinkSettings {
  /** Names of the collections that are wanted, or wishes that say for each whether deltas are. */
  readonly collections: readonly (string | Wish)[];
  /**
   * Whether collections given by name are asked for incrementally: the source then sends what changed, and a reconnect
   * resumes with what is held. Without it every change is everything.
   */
  readonly incremental?: boolean;
  readonly apply: Apply;
  /** How the sink names itself to sources. */
  readonly node?: Partial<SinkNode>;
  /** What the application kept from an earlier life, such as `store.versions`: incremental collections resume from it. */
  readonly held?: HeldVersions;
  /** Which bodies are taken; those of Istio's APIs unless given. */
  readonly bodies?: Bodies;
  /** Where requests are written down, for people. */
  readonly journal?: RequestJournal;
  readonly clock?: Clock;
}

/** Settings with everything decided. */
export interface CompleteSettings {
  readonly wishes: readonly Wish[];
  readonly apply: Apply;
  readonly node: SinkNode;
  readonly held: HeldVersions;
  readonly bodies: Bodies;
  readonly journal: RequestJournal | undefined;
  readonly clock: Clock;
}

/** @throws Error when no collection is named: such a sink would wait for ever. */
export function complete(settings: SinkSettings): CompleteSettings {
  const { collections, incremental = false, apply, node, held, bodies, journal, clock } = settings;
  if (collections.length === 0) throw new Error("a sink needs at least one collection to ask for");
  return {
    wishes: collections.map((wish) => (typeof wish === "string" ? { collection: wish, incremental } : wish)),
    apply,
    node: { id: node?.id ?? "", annotations: node?.annotations ?? {} },
    held: held ?? new Map<string, ReadonlyMap<string, string>>(),
    bodies: bodies ?? istioBodies(),
    journal,
    clock: clock ?? systemClock,
  };
}
