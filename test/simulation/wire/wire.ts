import { EventEmitter } from "node:events";
import type { Server } from "node:net";
import { Acceptor } from "../../../src/grpc/acceptor.ts";
import { defaultLimits } from "../../../src/grpc/limits.ts";
import type { Method, ServerStream } from "../../../src/grpc/method.ts";
import { silentTransportObserver } from "../../../src/grpc/observer.ts";
import { status } from "../../../src/grpc/status.ts";
import type { Logger } from "../../../src/lib/logger.ts";
import type { ManualClock } from "../../../src/lib/manual-clock.ts";
import type { MemoryClient } from "../../support/memory-pipe.ts";
import { settled } from "../../support/memory-server.ts";
import { BackgroundClock } from "../background-clock.ts";
import { Cable } from "./cable.ts";
import { WireCall } from "./wire-call.ts";

/** Rounds of the event loop in which nothing may happen before nothing is under way: HTTP/2 puts off some of its writes. */
const STILL_ROUNDS = 4;

/** The real transport of a server: HTTP/2 between ours and a client of Node, on connections in memory. */
export class Wire {
  /** Counts the timers of connections, which never rest. */
  readonly background: BackgroundClock;
  readonly #clock: ManualClock;
  readonly #acceptor: Acceptor;
  readonly #listener = new EventEmitter();
  readonly #path: string;
  readonly #cables: Cable[] = [];
  readonly #calls = new Map<string, WireCall>();

  constructor(method: Method, clock: ManualClock, log: Logger) {
    this.#path = method.path;
    this.#clock = clock;
    this.background = new BackgroundClock(clock);
    this.#acceptor = new Acceptor(this.#listener as unknown as Server, {
      methods: new Map([[method.path, this.#watched(method)]]),
      limits: defaultLimits,
      clock: this.background,
      log,
      observer: silentTransportObserver,
    });
  }

  /** The address that the server sees of the client on this port. */
  static addressOf(port: number): string {
    return `10.0.0.1:${port}`;
  }

  /** A client opens a call on a connection of its own. */
  connect(port: number, client: MemoryClient, windowBytes: number): WireCall {
    const cable = new Cable(port);
    this.#cables.push(cable);
    this.#listener.emit("connection", cable.server);
    const call = new WireCall(cable, this.#path, client, windowBytes);
    this.#calls.set(Wire.addressOf(port), call);
    return call;
  }

  /** Resolves when all that is under way has come to where it goes by itself. */
  async quiet(): Promise<void> {
    for (let still = 0; still < STILL_ROUNDS;) {
      const before = this.#moves;
      await settled();
      still = this.#moves === before ? still + 1 : 0;
    }
  }

  /** Stops as the real one does: every call ends with UNAVAILABLE, and after a while all connections are cut. */
  async stop(): Promise<void> {
    this.#acceptor.drain(status("Unavailable", "server is shutting down"));
    await this.quiet();
    this.#clock.advance(defaultLimits.lingerMs);
    await this.quiet();
    this.#acceptor.destroy();
    await this.#acceptor.emptied();
    await this.quiet();
  }

  get #moves(): number {
    return this.#cables.reduce((sum, { moves }) => sum + moves, 0);
  }

  /** The method, with the calls told of what the server does on them. */
  #watched(method: Method): Method {
    return {
      path: method.path,
      open: (stream) => {
        const call = this.#calls.get(stream.peer.address)!;
        const handler = method.open(watchedStream(stream, call));
        return {
          message: (bytes) => handler.message(bytes),
          halfClose: () => handler.halfClose(),
          closed(reason) {
            call.isConcluded = true;
            handler.closed(reason);
          },
        };
      },
    };
  }
}

function watchedStream(stream: ServerStream, call: WireCall): ServerStream {
  return {
    peer: stream.peer,
    path: stream.path,
    metadata: stream.metadata,
    sendHeaders: (metadata) => stream.sendHeaders(metadata),
    send(pieces) {
      const sending = stream.send(pieces);
      call.isSending = true;
      void sending.then(() => (call.isSending = false));
      return sending;
    },
    pause: () => stream.pause(),
    resume: () => stream.resume(),
    end(how) {
      call.isConcluded = true;
      stream.end(how);
    },
  };
}
