import type { Clock } from "../../src/lib/clock.ts";
import type { LogFields, Logger } from "../../src/lib/logger.ts";
import { codes } from "../../src/grpc/status.ts";
import { silentObserver } from "../../src/distribution/observer.ts";
import { Hub } from "../../src/snapshot/hub.ts";
import { MemoryServer, type Seams } from "../support/memory-server.ts";
import type { Findings } from "./findings.ts";
import { Line } from "./line.ts";
import { Oracle } from "./oracle.ts";
import { registry } from "./pool.ts";
import type { Random } from "./random.ts";
import { SCRIPTED, ScriptedSource } from "./scripted-source.ts";
import type { Shape } from "./shape.ts";
import { Sink } from "./sink.ts";
import { Truth, Versions } from "./truth.ts";

const verdicts: ReadonlySet<string> = new Set(["subscribed", "resubscribed", "acked", "nacked", "stale"]);

/** The world of one schedule: sources, one server at a time, and sinks; all that happens comes from the seed. */
export class Simulation {
  readonly random: Random;
  readonly findings: Findings;
  readonly versions: Versions;
  readonly sources: readonly ScriptedSource[];
  readonly sinks: readonly Sink[];
  server: MemoryServer;
  readonly #shape: Shape;
  readonly #seams: Seams;
  #truth: Truth;
  #oracles = new Map<string, Oracle>();
  #connections = 0;
  #openStreams = 0;

  constructor(random: Random, shape: Shape, seams: Seams, findings: Findings) {
    this.random = random;
    this.findings = findings;
    this.versions = new Versions(findings);
    this.#shape = shape;
    this.#seams = seams;
    this.sources = shape.sources.map((name) => new ScriptedSource(name));
    this.sinks = shape.sinks.map((sink, i) => new Sink(`sink${i}`, sink, this.versions, findings));
    [this.server, this.#truth] = this.#startServer();
  }

  /** Opens a stream for a sink that has none. */
  connect(sink: Sink): Line {
    const address = `${sink.name}#${++this.#connections}`;
    const { findings, versions, server } = this;
    const { deltas, limit } = this.#shape;
    const now = (): number => server.clock.now();
    const oracle = new Oracle({ truth: this.#truth, versions, findings, deltas, limit, now });
    this.#oracles.set(address, oracle);
    const line = new Line(address, oracle, findings);
    const windowBytes = this.random.pick([16, 100, 1000, 1_000_000]);
    line.call = server.connect({
      client: line,
      address,
      windowBytes,
      onSend: (bytes) => oracle.sends(bytes),
      onSendInVain: () => findings.check(false, `a push is made for ${address}, which is gone`),
    });
    findings.check(line.call.readable, `I1: ${address} is sent no headers at once`);
    sink.line = line;
    return line;
  }

  /** Stops the server and starts another, which knows nothing but what the sources say to it again. */
  async restart(graceful: boolean): Promise<void> {
    await this.stop(graceful);
    [this.server, this.#truth] = this.#startServer();
  }

  /** Stops the server for good and looks for what it left behind. */
  async stop(graceful = true): Promise<void> {
    for (const { line } of this.sinks) {
      line?.mayEndWith(codes.Unavailable);
      if (!graceful) line?.call.lose();
    }
    await this.server.stop();
    const left = this.server.leftovers();
    this.findings.check(left.length === 0, `a stopped server leaves ${left.join(", ")}`);
    this.findings.check(this.#openStreams === 0, `${this.#openStreams} streams were opened and never closed`);
    for (const source of this.sources) this.findings.check(source.phase === "idle", `${source.name} is still read`);
  }

  #startServer(): [MemoryServer, Truth] {
    const { limit, deltas, pacing } = this.#shape;
    const truth = new Truth(this.#shape.sources, this.versions, this.findings);
    this.#oracles = new Map();
    for (const source of this.sources) source.listener = truth;
    const server = new MemoryServer({
      registry,
      sources: this.sources,
      limit,
      deltas,
      pacing,
      log: this.#log(),
      observer: {
        ...silentObserver,
        streamOpened: () => this.#openStreams++,
        streamClosed: () => this.#openStreams--,
      },
      random: () => this.random.next(),
      turnsClock: (clock) => busy(clock, this.random),
      seams: { ...this.#seams, publishTo: (hub) => new WitnessedHub(hub, truth) },
    });
    return [server, truth];
  }

  /** The verdicts are read off the log, where people would read them. */
  #log(): Logger {
    const judged = (message: string, fields: LogFields = {}): void => {
      if (!verdicts.has(message)) return;
      this.#oracles.get(String(fields["peer"]))?.judged(String(fields["collection"]), message);
    };
    const log: Logger = {
      debug: judged,
      info: () => undefined,
      warn: (message, fields) => judged(message.startsWith("NACK") ? "nacked" : message, fields),
      error: (message, fields) => {
        const wanted =
          fields?.["code"] !== "source-failed" ||
          [SCRIPTED, "ended without"].some((expected) => message.includes(expected));
        this.findings.check(wanted, `unexpected: ${message}`);
      },
      scope: () => log,
    };
    return log;
  }
}

/** A clock by which every look costs time, so that turns are sometimes cut short. */
function busy(clock: Clock, random: Random): Clock {
  let spent = 0;
  return {
    now: () => clock.now() + (spent += random.below(4)),
    wall: () => clock.wall(),
    schedule: (delayMs, run) => clock.schedule(delayMs, run),
    defer: (run) => clock.defer(run),
  };
}

/** Passes snapshots on to a hub, under the eyes of the truth. */
class WitnessedHub extends Hub {
  readonly #hub: Hub;
  readonly #truth: Truth;

  constructor(hub: Hub, truth: Truth) {
    super(() => "default");
    this.#hub = hub;
    this.#truth = truth;
  }

  override publish(...[group, snapshot]: Parameters<Hub["publish"]>): ReturnType<Hub["publish"]> {
    this.#truth.publishes(snapshot);
    return this.#hub.publish(group, snapshot);
  }
}
