import type { Clock } from "../../src/lib/clock.ts";
import { type LogFields, type Logger, silentLogger } from "../../src/lib/logger.ts";
import { ManualClock } from "../../src/lib/manual-clock.ts";
import { codes } from "../../src/grpc/status.ts";
import { type DistributionObserver, silentObserver } from "../../src/distribution/observer.ts";
import { Hub } from "../../src/snapshot/hub.ts";
import { MemoryServer, type Seams, settled } from "../support/memory-server.ts";
import { Door, type DoorSeams } from "./door/door.ts";
import { credentialWrites, Files, writeList } from "./door/files.ts";
import { Law } from "./door/law.ts";
import type { Findings } from "./findings.ts";
import { Line } from "./line.ts";
import { Oracle } from "./oracle.ts";
import { registry } from "./pool.ts";
import type { Random } from "./random.ts";
import { SCRIPTED, ScriptedSource } from "./scripted-source.ts";
import type { Shape } from "./shape.ts";
import { Sink } from "./sink.ts";
import { Truth, Versions } from "./truth.ts";
import { Wire } from "./wire/wire.ts";
import { witnessed } from "./witness.ts";
import { XdsSide, type XdsSeams } from "./xds/side.ts";

const verdicts: ReadonlySet<string> = new Set(["subscribed", "resubscribed", "acked", "nacked", "stale"]);

/** Where something can be put between the parts of a world's server, its door included. */
export interface WorldSeams extends Seams {
  readonly door?: DoorSeams;
  readonly xds?: XdsSeams;
}

/** The world of one schedule: sources, one server at a time, and sinks; all that happens comes from the seed. */
export class Simulation {
  readonly random: Random;
  readonly findings: Findings;
  readonly versions: Versions;
  readonly sources: readonly ScriptedSource[];
  readonly sinks: readonly Sink[];
  server!: MemoryServer;
  /** What secures the server; `undefined` when it is plaintext. */
  door: Door | undefined;
  /** What carries streams; `undefined` where they are calls in memory. */
  wire: Wire | undefined;
  /** Clients over xDS, and what serves them; `undefined` where there is no such service. */
  readonly xds: XdsSide | undefined;
  /** The files that it is secured with, and what they ask for. */
  readonly files: Files = new Files();
  readonly law: Law;
  /** What the operator has still to write of credentials that are being replaced. */
  readonly rotation: ((files: Files) => void)[] = [];
  readonly #shape: Shape;
  readonly #seams: WorldSeams;
  #truth!: Truth;
  #lines = new Map<string, Line>();
  #connections = 0;
  #openStreams = 0;

  constructor(random: Random, shape: Shape, seams: WorldSeams, findings: Findings) {
    this.random = random;
    this.findings = findings;
    this.versions = new Versions(findings);
    this.#shape = shape;
    this.#seams = seams;
    this.sources = shape.sources.map((name) => new ScriptedSource(name));
    this.sinks = shape.sinks.map((sink, i) => new Sink(i, sink, this.versions, findings));
    this.xds =
      shape.xds &&
      new XdsSide({
        random,
        findings,
        versions: this.versions,
        shape: shape.xds,
        seams: seams.xds ?? {},
        observer: this.#observer,
      });
    this.law = new Law(this.files, findings, () => this.#listReplaced());
  }

  /** A world with a server that runs. */
  static async begin(
    ...[random, shape, seams, findings]: ConstructorParameters<typeof Simulation>
  ): Promise<Simulation> {
    const world = new Simulation(random, shape, seams, findings);
    for (const write of credentialWrites({ pair: "first", trusted: ["first"] })) write(world.files);
    if (random.chance(0.5)) writeList(world.files, random);
    await world.#start();
    return world;
  }

  /** Timers of work that is to be done: those of what never rests are none. */
  get pending(): number {
    const background = (this.door ?? this.wire)?.background.pending ?? 0;
    return this.server.clock.pending - background - this.server.background - (this.xds?.background ?? 0);
  }

  /** Lets everything run that waits for nothing but its turn. */
  async settled(): Promise<void> {
    await (this.wire?.quiet() ?? settled());
  }

  /** Opens a stream for a sink that has none; `undefined` when there is no connection to open it on. */
  connect(sink: Sink): Line | undefined {
    const { door } = this;
    const tls = door?.meet(sink.paper);
    if (door !== undefined) this.#checkHandshake(sink, tls !== undefined);
    if (door !== undefined && tls === undefined) return undefined;
    const isCrowded = door !== undefined && door.guard.waiting >= this.#shape.door!.maxWaiting;
    const number = ++this.#connections;
    const address = this.wire === undefined ? `${sink.name}#${number}` : Wire.addressOf(number);
    const { findings, versions, server } = this;
    const { deltas, limit } = this.#shape;
    const now = (): number => server.clock.now();
    const oracle = new Oracle({ truth: this.#truth, versions, findings, deltas, limit, now });
    const line = new Line(sink, address, oracle, findings);
    this.#lines.set(address, line);
    if (!this.#admits(line)) line.mayEndWith(codes.Unauthenticated);
    if (isCrowded) line.mayEndWith(codes.Unavailable);
    const windowBytes = this.random.pick([16, 100, 1000, 1_000_000]);
    sink.line = line;
    if (this.wire !== undefined) {
      findings.met("a stream over HTTP/2");
      line.call = this.wire.connect(number, line, windowBytes);
      return line;
    }
    line.call = server.connect({ client: line, peer: { address, ...(tls && { tls }) }, windowBytes });
    if (line.call.isEnded) findings.met(isCrowded ? "a stream too many" : "a stream refused");
    else if (!line.isServed) findings.met("a stream that waits to be let in");
    this.checkDoor();
    return line;
  }

  /** Looks whether those are served who may be, and nobody else. */
  checkDoor(): void {
    const { door, findings } = this;
    if (door === undefined) return;
    for (const { line } of this.sinks) {
      const isWrong = line?.call.isEnded === false && !this.#admits(line);
      findings.check(!isWrong, `I14: the stream of ${line?.name} goes on, and may not be served`);
    }
    const [met, due] = [JSON.stringify(door.credentials), JSON.stringify(this.law.credentials)];
    findings.check(met === due, `I15: new connections are met with ${met}; in force is ${due}`);
  }

  /** Stops the server and starts another, which knows nothing but what the sources say to it again. */
  async restart(graceful: boolean): Promise<void> {
    await this.stop(graceful);
    await this.#start();
  }

  /** Stops the server for good and looks for what it left behind. */
  async stop(graceful = true): Promise<void> {
    for (const { line } of this.sinks) {
      line?.mayEndWith(codes.Unavailable);
      if (!graceful) line?.call.lose();
    }
    this.xds?.beforeStop(graceful);
    await this.wire?.stop();
    await this.server.stop();
    this.xds?.afterStop();
    await this.door?.[Symbol.asyncDispose]();
    const left = this.server.leftovers();
    this.findings.check(left.length === 0, `a stopped server leaves ${left.join(", ")}`);
    this.findings.check(this.#openStreams === 0, `${this.#openStreams} streams were opened and never closed`);
    for (const source of this.sources) this.findings.check(source.phase === "idle", `${source.name} is still read`);
  }

  async #start(): Promise<void> {
    const { limit, deltas, pacing } = this.#shape;
    const clock = new ManualClock();
    const truth = new Truth(this.#shape.sources, this.versions, this.findings);
    this.door = await this.#openDoor(clock);
    this.#truth = truth;
    this.#lines = new Map();
    for (const source of this.sources) source.listener = truth;
    const witness = { findings: this.findings, lineAt: this.#lineAt, admits: this.#admits };
    this.server = new MemoryServer({
      clock,
      door: (method) => {
        const seen = witnessed(method, witness);
        return this.door?.wrap(seen) ?? seen;
      },
      registry,
      sources: this.sources,
      mcp: { limit, deltas, observer: this.#observer },
      ...(this.xds && { xds: this.xds.served }),
      pacing,
      log: this.#log(),
      random: () => this.random.next(),
      turnsClock: (clock) => busy(clock, this.random),
      seams: { ...this.#seams, publishTo: (hub) => new WitnessedHub(hub, truth, this.xds) },
    });
    this.xds?.start(this.server);
    this.wire = this.#shape.isWired ? new Wire(this.server.method, clock, this.#log()) : undefined;
  }

  /** What secures the next server. One that can't use its files does not start, until the operator mends them. */
  async #openDoor(clock: Clock): Promise<Door | undefined> {
    const { files, law, findings } = this;
    const { door: gate } = this.#shape;
    if (gate === undefined) return undefined;
    const deps = {
      files,
      law,
      clock,
      log: this.#doorLog(),
      gate,
      ...(this.#seams.door && { seams: this.#seams.door }),
    };
    const mayStart = law.begin();
    const door = await Door.open(deps);
    findings.check(
      (door !== undefined) === mayStart,
      `I15: a server ${mayStart ? "doesn't start" : "starts"} with its files`,
    );
    if (door !== undefined) return door;
    findings.met("a server that can't start");
    for (const write of credentialWrites({ pair: "second", trusted: ["first", "second"] })) write(files);
    writeList(files, this.random);
    law.begin();
    return await Door.open(deps);
  }

  #checkHandshake({ name, paper }: Sink, isVerified: boolean): void {
    const due = this.law.vouches(paper);
    this.findings.check(due === isVerified, `I15: the handshake of ${name} ${due ? "fails" : "succeeds"}`);
    if (!isVerified) this.findings.met("a handshake turned down");
  }

  /** Another list is in force: streams that it does not allow may end. */
  #listReplaced(): void {
    for (const line of this.#lines.values()) {
      if (this.#admits(line)) continue;
      line.mayEndWith(codes.Unauthenticated);
      if (!line.call.isEnded) this.findings.met("a stream ended by another list");
    }
  }

  readonly #observer: DistributionObserver = {
    ...silentObserver,
    streamOpened: () => this.#openStreams++,
    streamClosed: () => this.#openStreams--,
  };

  readonly #lineAt = (address: string): Line => this.#lines.get(address)!;

  readonly #admits = ({ paper }: Line): boolean => this.door === undefined || this.law.admits(paper);

  /** A keeper says loudly what it refuses; whether rightly is judged where it tells so. */
  #doorLog(): Logger {
    const refusal = /^new TLS credentials refused|^the access list can't be used/;
    return {
      ...silentLogger,
      error: (message) => this.findings.check(refusal.test(message), `unexpected: ${message}`),
    };
  }

  /** The verdicts are read off the log, where people would read them. */
  #log(): Logger {
    const judged = (message: string, fields: LogFields = {}): void => {
      const verdict = message.startsWith("NACK") ? "nacked" : message;
      if (!verdicts.has(verdict)) return;
      this.#lines.get(String(fields["peer"]))?.oracle.judged(String(fields["collection"]), verdict);
    };
    const log: Logger = {
      debug: judged,
      info: () => undefined,
      warn: judged,
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
  readonly #xds: XdsSide | undefined;

  constructor(hub: Hub, truth: Truth, xds: XdsSide | undefined) {
    super(() => "default");
    this.#hub = hub;
    this.#truth = truth;
    this.#xds = xds;
  }

  override publish(...[group, snapshot]: Parameters<Hub["publish"]>): ReturnType<Hub["publish"]> {
    this.#truth.publishes(snapshot);
    this.#xds?.publishes(snapshot);
    return this.#hub.publish(group, snapshot);
  }
}
