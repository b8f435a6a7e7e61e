import { HealthService } from "../grpc/health.ts";
import type { Clock } from "../lib/clock.ts";
import { SOURCE_SERVICE } from "../mcp/protocol.ts";
import type { CollectionRegistry, SnapshotGroup } from "../model/collections.ts";
import type { Collection } from "../model/names.ts";
import { silentRuntimeObserver } from "../runtime/observer.ts";
import { Pipeline, type PipelineDeps } from "../runtime/pipeline.ts";
import { Hub } from "../snapshot/hub.ts";
import type { Source } from "../sources/source.ts";
import { SERVICE as ADS_SERVICE } from "../xds/protocol.ts";
import { createStreams, type Streams, type StreamsOptions } from "./streams.ts";

export interface ServingPathOptions extends Omit<StreamsOptions, "hub" | "report"> {
  /** In order of precedence. */
  readonly sources: readonly Source[];
  /** One of its own unless given. */
  readonly hub?: Hub;
  /** What the pipeline is given beside what all share, or instead of it. */
  readonly pipeline?: Partial<Pick<PipelineDeps, "hub" | "observer" | "progress" | "onPublished" | "random">>;
  /** Called once, when the first snapshot is out. */
  readonly onReady?: () => void;
}

/**
 * All that lies between sources and transport. It begins with `pipeline.start()`, and is closed by whoever made it: first
 * what carries its methods, then the pipeline, then the streams.
 */
export interface ServingPath {
  readonly registry: CollectionRegistry;
  readonly clock: Clock;
  readonly hub: Hub;
  readonly streams: Streams;
  /** Not serving until the first snapshot is out. */
  readonly health: HealthService;
  readonly pipeline: Pipeline;
}

/** Puts the parts of a server together, in the one way that there is. @throws Error when sinks can't be called as is asked for. */
export function createServingPath(options: ServingPathOptions): ServingPath {
  const { sources, registry, clock, log, onReady, hub = new Hub(groupOf(registry)) } = options;
  const streams = createStreams({
    ...options,
    hub,
    report: (collection, problems) => pipeline.problems.set("xds", collection, problems),
  });
  const health = new HealthService();
  const pipeline: Pipeline = new Pipeline({
    sources,
    registry,
    hub,
    clock,
    log: log.scope("source"),
    observer: silentRuntimeObserver,
    handOut: streams.handOut,
    ...options.pipeline,
    onReady() {
      for (const service of ["", SOURCE_SERVICE, ADS_SERVICE]) health.set(service, "serving");
      onReady?.();
    },
  });
  return { registry, clock, hub, streams, health, pipeline };
}

/** What is published together with a collection. */
export function groupOf(registry: CollectionRegistry): (collection: Collection) => SnapshotGroup {
  return (collection) => registry.get(collection)?.snapshotGroup ?? "default";
}
