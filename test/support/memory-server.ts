import { Pacer, type PacerOptions } from "../../src/distribution/pacer.ts";
import type { Encode } from "../../src/distribution/writer.ts";
import type { Method } from "../../src/grpc/method.ts";
import { status } from "../../src/grpc/status.ts";
import type { Clock } from "../../src/lib/clock.ts";
import { type Logger, silentLogger } from "../../src/lib/logger.ts";
import { ManualClock } from "../../src/lib/manual-clock.ts";
import { Turns } from "../../src/lib/turns.ts";
import { VERSION_HEADER } from "../../src/mcp/protocol.ts";
import type { SourceService, SourceServiceDeps } from "../../src/mcp/source-service.ts";
import type { CollectionRegistry } from "../../src/model/collections.ts";
import { createServingPath, groupOf, type ServingPath } from "../../src/server/serving-path.ts";
import { mcpEncode } from "../../src/server/streams.ts";
import { Hub } from "../../src/snapshot/hub.ts";
import type { Source } from "../../src/sources/source.ts";
import type { XdsService, XdsServiceDeps } from "../../src/xds/service.ts";
import { LINGER_MS, MemoryCall, type MemoryCallOptions } from "./memory-call.ts";

export const BUILD = "memory-build";

export interface MemoryServerOptions {
  readonly registry: CollectionRegistry;
  /** None: a test publishes through the hub itself. */
  readonly sources?: readonly Source[];
  readonly mcp?: Partial<SourceServiceDeps>;
  readonly xds?: Partial<XdsServiceDeps>;
  readonly pacing?: PacerOptions;
  readonly log?: Logger;
  readonly random?: () => number;
  /** The server's own unless given. */
  readonly clock?: ManualClock;
  /** What stands before the method by which sinks are served. */
  readonly door?: (method: Method) => Method;
  /** The clock by which streams take turns, where it is to differ from the server's own. */
  readonly turnsClock?: (clock: Clock) => Clock;
  readonly seams?: Seams;
}

/** Where something can be put between two parts of the server: to watch them, or to break them. */
export interface Seams {
  /** The hub that streams read from. */
  readonly hub?: (groupOf: ConstructorParameters<typeof Hub>[0]) => Hub;
  readonly xds?: {
    /** The hub that streams over xDS read from. */
    readonly hub?: (hub: Hub) => Hub;
  };
  /** The hub that the pipeline publishes to. */
  readonly publishTo?: (hub: Hub) => Hub;
  readonly method?: (method: Method, clock: Clock) => Method;
  readonly encode?: (encode: Encode) => Encode;
  readonly source?: (source: Source) => Source;
}

/** The whole server but for its network, on a clock that the test moves. */
export class MemoryServer {
  readonly clock: ManualClock;
  readonly hub: Hub;
  readonly turns: Turns;
  readonly pacer: Pacer;
  readonly service: SourceService;
  readonly xds: XdsService;
  /** The method by which sinks are served over MCP, behind its door. */
  readonly method: Method;
  readonly #path: ServingPath;
  readonly #calls = new Set<MemoryCall>();

  constructor(options: MemoryServerOptions) {
    const { registry, sources = [], seams = {}, log = silentLogger, clock = new ManualClock() } = options;
    const encode = mcpEncode(registry);
    this.clock = clock;
    this.hub = seams.hub?.(groupOf(registry)) ?? new Hub(groupOf(registry));
    this.pacer = new Pacer(clock, options.pacing);
    this.turns = new Turns(options.turnsClock?.(clock) ?? clock);
    this.#path = createServingPath({
      sources: sources.map((source) => seams.source?.(source) ?? source),
      registry,
      hub: this.hub,
      clock,
      log,
      turns: this.turns,
      pacer: this.pacer,
      mcp: { headers: [[VERSION_HEADER, BUILD]], encode: seams.encode?.(encode) ?? encode, ...options.mcp },
      xds: { hub: seams.xds?.hub?.(this.hub) ?? this.hub, ...options.xds },
      pipeline: { hub: seams.publishTo?.(this.hub) ?? this.hub, random: options.random ?? (() => 0) },
    });
    const { streams, pipeline } = this.#path;
    this.service = streams.mcp;
    this.xds = streams.xds;
    const method = seams.method?.(this.service.method, clock) ?? this.service.method;
    this.method = options.door?.(method) ?? method;
    pipeline.start();
  }

  /** Timers that never rest while the server runs. */
  readonly background = 1;

  /** A client opens a call, of the method by which sinks are served unless it is another. */
  connect(options: Omit<MemoryCallOptions, "clock"> & { readonly method?: Method }): MemoryCall {
    const call: MemoryCall = new MemoryCall(options.method ?? this.method, { ...options, clock: this.clock }, () =>
      this.#calls.delete(call),
    );
    this.#calls.add(call);
    return call;
  }

  /** Stops as the real one does: every call ends with UNAVAILABLE, then the rest. Time passes only for clients that don't read. */
  async stop(): Promise<void> {
    for (const call of this.#calls) call.fail(status("Unavailable", "server is shutting down"));
    this.clock.advance(0);
    if (this.#calls.size > 0) this.clock.advance(LINGER_MS);
    await this.#path.pipeline[Symbol.asyncDispose]();
    await this.#path.streams[Symbol.asyncDispose]();
    this.clock.advance(0); // a turn that was asked for before the end still comes, and finds nothing to do
  }

  /** What is left of a server that was stopped, in words; empty when nothing is. */
  leftovers(): string[] {
    const left: string[] = [];
    if (this.clock.pending > 0) left.push(`${this.clock.pending} timers`);
    if (this.turns.waiting > 0) left.push(`${this.turns.waiting} turns`);
    if (this.pacer.waiting > 0) left.push(`${this.pacer.waiting} streams that wait for room`);
    if (this.pacer.underWayBytes > 0) left.push(`${this.pacer.underWayBytes} bytes under way`);
    const { registry, streams } = this.#path;
    if (streams.sinkCount > 0) left.push(`${streams.sinkCount} sinks`);
    for (const { name } of registry.all) {
      const watchers = this.hub.watchers(name);
      if (watchers > 0) left.push(`${watchers} watchers of ${name}`);
      const subscriptions = streams.xds.subscriptions(name);
      if (subscriptions > 0) left.push(`${subscriptions} subscriptions of ${name} over xDS`);
    }
    return left;
  }
}

/** Lets everything run that waits for nothing but its turn: promises settle in between. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
