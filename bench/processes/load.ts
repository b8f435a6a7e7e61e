import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, createSecureContext, type SecureContext } from "node:tls";
import { answerWith, sharedNow } from "../lib/remote.ts";
import { messageFrame, opening, request } from "../lib/wire.ts";
import { type Push, WireSink } from "../lib/wire-sink.ts";

/** How the sinks of a load process connect. */
export interface ConnectPlan {
  readonly host: string;
  readonly port: number;
  readonly count: number;
  readonly collections: readonly string[];
  readonly incremental: boolean;
  readonly windowBytes: number;
  /** Encoded entries of held versions, base64. */
  readonly kept?: string;
  /** Mutual TLS with these, PEM. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
}

/** What came, and when; times on the shared clock. */
export interface Reception {
  readonly first: number;
  readonly last: number;
  readonly bytes: number;
  readonly pushes: number;
  /** Attempts to connect that came to nothing, and calls that ended. */
  readonly failures: number;
}

const PATH = "/istio.mcp.v1alpha1.ResourceSource/EstablishResourceStream";

/** gRPC's back-off of connection attempts. */
const backoff = { firstMs: 1000, factor: 1.6, jitter: 0.2, mostMs: 120_000 };

const sinks = new Set<WireSink>();
let stalled: WireSink[] = [];
let plan: ConnectPlan | undefined;
let wanted = 0;
let reception = { first: Infinity, last: 0, bytes: 0, pushes: 0, failures: 0 };
let complete: () => void = () => undefined;
let completed: Promise<void> = Promise.resolve();
/** Arrivals one by one, where they are asked for: sink, version, time. */
let log: [sink: number, version: string, at: number][] | undefined;
const ids = new WeakMap<WireSink, number>();
/** The newest ticket of each TLS session that is over: whoever connects next resumes one. */
const tickets: Buffer[] = [];
let lastId = 0;

function expect(pushes: number): void {
  wanted = pushes;
  reception = { first: Infinity, last: 0, bytes: 0, pushes: 0, failures: 0 };
  completed = new Promise((resolve) => {
    complete = resolve;
  });
}

function onPush({ sink, version, bytes }: Push): void {
  const at = sharedNow();
  reception.first = Math.min(reception.first, at);
  reception.last = at;
  reception.bytes += bytes;
  reception.pushes++;
  log?.push([ids.get(sink)!, version, at]);
  if (reception.pushes === wanted) complete();
}

function dial(said: Buffer, secureContext: SecureContext | undefined, delayMs: number): void {
  const { host, port, collections, incremental, windowBytes } = plan!;
  const socket: Socket =
    secureContext === undefined ? connectTcp({ host, port, noDelay: true }) : secured({ host, port, secureContext });
  let isUp = false;
  socket.on("error", () => undefined);
  socket.once("close", () => {
    if (isUp) return;
    reception.failures++;
    const jitter = 1 + (Math.random() * 2 - 1) * backoff.jitter;
    setTimeout(dial, delayMs * jitter, said, secureContext, Math.min(delayMs * backoff.factor, backoff.mostMs));
  });
  socket.once(secureContext === undefined ? "connect" : "secureConnect", () => {
    isUp = true;
    socket.setNoDelay(true);
    socket.write(said);
    const onEnd = (sink: WireSink): void => {
      sinks.delete(sink);
      reception.failures++;
    };
    const sink = new WireSink(socket, { collections, incremental, windowBytes, onPush, onEnd });
    ids.set(sink, ++lastId);
    sinks.add(sink);
  });
}

function secured(to: { readonly host: string; readonly port: number; readonly secureContext: SecureContext }): Socket {
  const session = tickets.pop();
  const socket = connectTls({ ...to, servername: "localhost", ALPNProtocols: ["h2"], ...(session && { session }) });
  let newest: Buffer | undefined;
  socket.on("session", (ticket: Buffer) => {
    newest = ticket;
  });
  socket.once("close", () => {
    if (newest !== undefined) tickets.push(newest);
  });
  return socket;
}

const abilities = {
  /** Begins to connect; each sink is expected to be pushed each of its collections once. */
  connect(wish: ConnectPlan): void {
    plan = wish;
    const { collections, incremental, windowBytes, count, tls } = wish;
    const kept = wish.kept === undefined ? undefined : Buffer.from(wish.kept, "base64");
    const subscribes = collections.map((collection) => messageFrame(request(collection, "", incremental, kept)));
    const said = Buffer.concat([opening(PATH, tls !== undefined, windowBytes), ...subscribes]);
    const secureContext = tls === undefined ? undefined : createSecureContext(tls);
    expect(count * collections.length);
    for (let i = 0; i < count; i++) dial(said, secureContext, backoff.firstMs);
  },
  /** From now on so many pushes to each sink that reads are waited for. */
  expect(pushes: number): void {
    expect(pushes * (sinks.size - stalled.length));
  },
  /** When all that was expected is there. */
  async received(): Promise<Reception> {
    await completed;
    return reception;
  },
  /** So far, without waiting. */
  soFar(): Reception & { readonly connected: number } {
    return { ...reception, connected: sinks.size };
  },
  /** So many sinks stop to read from their connections. */
  stall(count: number): void {
    stalled = [...sinks].slice(0, count);
    for (const sink of stalled) sink.stall();
  },
  resume(): void {
    for (const sink of stalled) sink.resume();
    stalled = [];
  },
  /** Begins to note every arrival. */
  record(): void {
    log = [];
  },
  /** What was noted, sinks numbered by this process. */
  recorded(): readonly (readonly [sink: number, version: string, at: number])[] {
    const noted = log ?? [];
    log = undefined;
    return noted;
  },
  /** Closes all connections; those that follow resume their TLS sessions. */
  leave(): void {
    for (const sink of sinks) sink.close();
    sinks.clear();
    stalled = [];
  },
};

export type LoadAbilities = typeof abilities;

answerWith(abilities);
