import { connect as connectTcp, type Socket } from "node:net";
import { createSecureContext, type SecureContext, TLSSocket } from "node:tls";
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

/** Those that heard from the server, and what they read from. */
const sinks = new Map<WireSink, Socket>();
let stalled: WireSink[] = [];
let plan: ConnectPlan | undefined;
let wanted = 0;
let reception = { first: Infinity, last: 0, bytes: 0, pushes: 0, failures: 0 };
let complete: () => void = () => undefined;
let completed: Promise<void> = Promise.resolve();
/** Arrivals one by one, where they are asked for: sink, version, time. */
let log: [sink: number, version: string, at: number][] | undefined;
const ids = new WeakMap<WireSink, number>();
/** TLS sessions that are over: whoever connects next resumes one. */
const sessions: Buffer[] = [];
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
  const connection = connectTcp({ host, port, noDelay: true });
  let isUp = false;
  connection.on("error", () => undefined);
  connection.once("close", () => {
    if (isUp) return;
    reception.failures++;
    const jitter = 1 + (Math.random() * 2 - 1) * backoff.jitter;
    setTimeout(dial, delayMs * jitter, said, secureContext, Math.min(delayMs * backoff.factor, backoff.mostMs));
  });
  connection.once("connect", () => {
    const socket = secureContext === undefined ? connection : secured(connection, secureContext);
    socket.once("data", () => {
      isUp = true;
      sinks.set(sink, socket);
    });
    socket.write(said);
    const onEnd = (): void => {
      if (sinks.delete(sink)) reception.failures++;
    };
    const sink = new WireSink(socket, { collections, incremental, windowBytes, onPush, onEnd });
    ids.set(sink, ++lastId);
  });
}

/** `connect` of `node:tls` reads the whole certificate of the server into an object: a third of what a handshake costs here. */
function secured(connection: Socket, secureContext: SecureContext): TLSSocket {
  const session = sessions.pop();
  const alpn = { ALPNProtocols: ["h2"] };
  return new TLSSocket(connection, { isServer: false, secureContext, ...alpn, ...(session && { session }) });
}

/** Keeps the TLS session of a connection that is about to be closed. */
function keepSession(socket: Socket): void {
  const session = socket instanceof TLSSocket ? socket.getSession() : undefined;
  if (session !== undefined) sessions.push(session);
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
    stalled = [...sinks.keys()].slice(0, count);
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
    for (const [sink, socket] of sinks) {
      keepSession(socket);
      sink.close();
    }
    sinks.clear();
    stalled = [];
  },
};

export type LoadAbilities = typeof abilities;

answerWith(abilities);
