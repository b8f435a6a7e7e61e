import type { DistributionObserver } from "../../../src/distribution/observer.ts";
import type { Verdict } from "../../../src/distribution/subscription.ts";
import type { Method } from "../../../src/grpc/method.ts";
import { codes } from "../../../src/grpc/status.ts";
import type { Cancel } from "../../../src/lib/clock.ts";
import { type Logger, type LogFields, silentLogger } from "../../../src/lib/logger.ts";
import type { BucketOptions } from "../../../src/lib/token-bucket.ts";
import type { Hub, Snapshot } from "../../../src/snapshot/hub.ts";
import type { RevisionLabels } from "../../../src/xds/feeds/revision-labels.ts";
import { loadRules } from "../../../src/xds/feeds/rules.ts";
import { DELTA, STATE_OF_THE_WORLD } from "../../../src/xds/protocol.ts";
import type { XdsServiceDeps } from "../../../src/xds/service.ts";
import type { MemoryServer } from "../../support/memory-server.ts";
import type { Findings } from "../findings.ts";
import type { Random } from "../random.ts";
import type { Versions } from "../truth.ts";
import { witnessed } from "../witness.ts";
import { Consumer, type ConsumerShape } from "./consumer.ts";
import { XdsLine } from "./line.ts";
import { Translations } from "./translations.ts";
import { Views } from "./views.ts";

/** The part of a world that speaks xDS. */
export interface XdsShape {
  readonly consumers: readonly ConsumerShape[];
  /** How long the server waits for an answer when it has something newer, milliseconds. */
  readonly answerMs: number;
  readonly limit: BucketOptions;
  /** Whether pushes may have to wait for room. */
  readonly isPaced: boolean;
}

/** Where something can be put between the parts of the xDS side. */
export interface XdsSeams {
  readonly method?: (method: Method) => Method;
  /** The hub that it reads. */
  readonly hub?: (hub: Hub) => Hub;
  /** What remembers the revisions of resources. */
  readonly labels?: () => RevisionLabels;
}

export interface XdsSideDeps {
  readonly random: Random;
  readonly findings: Findings;
  readonly versions: Versions;
  readonly shape: XdsShape;
  readonly seams: XdsSeams;
  readonly observer: DistributionObserver;
}

const verdicts: ReadonlySet<string> = new Set([
  "subscribed",
  "resubscribed",
  "adjusted",
  "acked",
  "nacked",
  "stale",
] satisfies Verdict[]);

const SWEEP_MS = 1000;

// Streams are opened without waiting for anything.
await loadRules();

/** Clients over xDS beside the sinks of a world, of the same server. */
export class XdsSide {
  readonly consumers: readonly Consumer[];
  readonly #deps: XdsSideDeps;
  readonly #translations = new Translations();
  #views!: Views;
  #lines = new Map<string, XdsLine>();
  #server!: MemoryServer;
  #cancelSweep: Cancel = () => undefined;
  #connections = 0;

  constructor(deps: XdsSideDeps) {
    this.#deps = deps;
    this.consumers = deps.shape.consumers.map((shape, i) => new Consumer(i, shape));
  }

  /** Timers that never rest: the mirror of the server's own. */
  readonly background = 1;

  /** What ought to be seen of the server that runs. */
  get views(): Views {
    return this.#views;
  }

  /** What a server's streams over xDS are to be given. */
  get served(): Partial<XdsServiceDeps> {
    const { shape, seams, observer } = this.#deps;
    const { limit, answerMs } = shape;
    return { limit, answerMs, observer, log: this.#log(), ...(seams.labels && { labels: seams.labels() }) };
  }

  /** Begins with a server that has just started. */
  start(server: MemoryServer): void {
    const { findings } = this.#deps;
    this.#views = new Views((what) => findings.met(what));
    this.#lines = new Map();
    this.#server = server;
    this.#sweep();
  }

  /** A snapshot is about to be published. */
  publishes(snapshot: Snapshot): void {
    this.#views.publishes(snapshot);
    for (const line of this.#lines.values()) for (const topic of line.topics.values()) topic.published();
  }

  /** Opens a stream for a client that has none. */
  connect(consumer: Consumer): XdsLine {
    const { findings, versions, random, seams, shape } = this.#deps;
    const name = `${consumer.name}#${++this.#connections}`;
    const server = this.#server;
    const line = new XdsLine({
      consumer,
      name,
      views: this.#views,
      translations: this.#translations,
      versions,
      findings,
      isPaced: shape.isPaced,
      now: () => server.clock.now(),
    });
    this.#lines.set(name, line);
    consumer.line = line;
    const path = consumer.speech === "state" ? STATE_OF_THE_WORLD : DELTA;
    const served = server.xds.methods.find((method) => method.path === path)!;
    const faulty = seams.method?.(served) ?? served;
    const method = witnessed(faulty, { findings, lineAt: (address) => this.#lines.get(address)!, admits: () => true });
    const windowBytes = random.pick([16, 100, 1000, 1_000_000]);
    line.call = server.connect({ client: line, peer: { address: name }, windowBytes, method });
    return line;
  }

  /** All streams may end, or break off. */
  beforeStop(graceful: boolean): void {
    for (const { line } of this.consumers) {
      line?.mayEndWith(codes.Unavailable);
      if (!graceful) line?.call.lose();
    }
  }

  /** What is left after the server has stopped. */
  afterStop(): void {
    this.#cancelSweep();
  }

  /** The server ends all streams. */
  cancelWatches(): void {
    for (const { line } of this.consumers) line?.mayEndWith(codes.Unavailable);
    this.#server.xds.cancelWatches();
  }

  /** The server ends streams that have owed an answer since before then. */
  endUnanswered(before: number): void {
    const { findings } = this.#deps;
    const lines = [...this.#lines.values()].filter(({ call }) => !call.isEnded);
    const owing = lines.filter(({ topics }) => [...topics.values()].some((topic) => topic.isOwedSince(before)));
    for (const line of owing) line.mayEndWith(codes.DeadlineExceeded);
    this.#server.xds.endUnanswered(before);
    for (const { name, call } of owing) findings.check(call.isEnded, `${name} owes an answer for too long and goes on`);
  }

  /** The server has done all that it had to do. */
  rests(): void {
    for (const { line } of this.consumers) if (line?.call.isEnded === false && !line.call.isSending) line.rests();
  }

  /** Looks when the server does, right after it. */
  #sweep(): void {
    const { clock } = this.#server;
    this.#cancelSweep = clock.schedule(SWEEP_MS, () => {
      const before = clock.now() - this.#deps.shape.answerMs;
      for (const line of this.#lines.values()) for (const topic of line.topics.values()) topic.sweep(before);
      this.#sweep();
    });
  }

  #log(): Logger {
    const judged = (message: string, { peer, collection }: LogFields = {}): void => {
      const verdict = message.startsWith("NACK") ? "nacked" : message;
      if (verdicts.has(verdict)) this.#lines.get(String(peer))?.judged(String(collection), verdict as Verdict);
    };
    const log: Logger = {
      ...silentLogger,
      debug: judged,
      warn: judged,
      error: (message) => this.#deps.findings.check(false, `unexpected: ${message}`),
      scope: () => log,
    };
    return log;
  }
}
