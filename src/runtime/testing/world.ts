import type { LogFields, Logger } from "../../lib/logger.ts";
import { silentLogger } from "../../lib/logger.ts";
import { ManualClock } from "../../lib/manual-clock.ts";
import type { CollectionRegistry } from "../../model/collections.ts";
import type { Collection, ResourceName } from "../../model/names.ts";
import type { Problem } from "../../model/problem.ts";
import { istioCollections } from "../../model/registry.ts";
import type { Resource } from "../../model/resource.ts";
import { Hub } from "../../snapshot/hub.ts";
import type { Source, SourceBatch } from "../../sources/source.ts";
import { silentRuntimeObserver } from "../observer.ts";
import { Pipeline } from "../pipeline.ts";
import type { HandingOut } from "../publisher.ts";

// What the tests of the pipeline share.

export const gateways: Collection = "istio/networking/v1alpha3/gateways" as Collection;
/** All that is served. */
export const registry: CollectionRegistry = istioCollections();

/** A resource of that collection, told by its version alone. */
export function gateway(name: string, version: string): Resource {
  const origin = { describe: () => "test" };
  return {
    collection: gateways,
    name: name as ResourceName,
    version: version as Resource["version"],
    legacy: undefined,
    current: undefined,
    origin,
  };
}

/** News of such resources. */
export function upsert(...resources: Resource[]): SourceBatch {
  return { kind: "patch", upserts: resources, deletes: [] };
}

/** A source that says what the test tells it to. */
export class ScriptedSource implements Source {
  readonly name: string;
  reads = 0;
  #said: (SourceBatch | Error)[] = [];
  #wake: (() => void) | undefined;

  constructor(name: string) {
    this.name = name;
  }

  say(...batches: (SourceBatch | Error)[]): void {
    this.#said.push(...batches);
    this.#wake?.();
  }

  async *read(signal: AbortSignal): AsyncIterable<SourceBatch> {
    this.reads++;
    signal.addEventListener("abort", () => this.#wake?.());
    while (!signal.aborted) {
      const next = this.#said.shift();
      if (next instanceof Error) throw next;
      if (next !== undefined) yield next;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}

/** Keeps what is logged, each line after its level. */
export class Recorder implements Logger {
  readonly lines: string[] = [];
  debug(): void {}
  info(message: string, fields?: LogFields): void {
    this.lines.push(`info ${message} ${fields?.["code"] ?? ""}`);
  }
  warn(message: string): void {
    this.lines.push(`warn ${message}`);
  }
  error(message: string): void {
    this.lines.push(`error ${message}`);
  }
  scope(): Logger {
    return this;
  }
}

/** A pipeline over some sources, which runs. */
export function setUp(
  sources: Source[],
  log: Logger = silentLogger,
  handOut?: HandingOut,
): { pipeline: Pipeline; hub: Hub; clock: ManualClock } {
  const clock = new ManualClock();
  clockNow = clock;
  const hub = new Hub((collection) => registry.get(collection)?.snapshotGroup ?? "default");
  const pipeline = new Pipeline({
    sources,
    registry,
    hub,
    clock,
    log,
    observer: silentRuntimeObserver,
    ...(handOut && { handOut }),
  });
  pipeline.start();
  return { pipeline, hub, clock };
}

/** The clock of the pipeline under test. */
let clockNow = new ManualClock();

/** Lets everything that is waiting run, what was put off to the next turn included. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  clockNow.advance(0);
}

/** What is published: names and versions. */
export function published(hub: Hub): string[] | undefined {
  const table = hub.latest(gateways);
  return table && [...table].map((r) => `${r.name}@${r.version}`);
}

/** A source that can't see its origin. */
export const trouble: Problem = {
  severity: "error",
  code: "folder-gone",
  message: "the folder is gone",
  action: "all stays",
};
