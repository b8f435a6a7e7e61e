import type { Cancel } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Closed, Method, Peer, ServerStream, StreamHandler } from "../method.ts";
import { status, type Status } from "../status.ts";
import type { StreamGate } from "./gate.ts";

const crowded = status("Unavailable", "too many streams are waiting to be opened; try again");

/** A call whose peer may be served: waiting to be opened, or running. */
export class GuardedCall implements StreamHandler {
  readonly peer: Peer;
  readonly #stream: ServerStream;
  readonly #method: Method;
  readonly #running: Set<GuardedCall>;
  #handler: StreamHandler | undefined;
  #leaveQueue: Cancel | undefined;

  /** @param running the calls that it is taken out of when it is over */
  constructor(stream: ServerStream, method: Method, running: Set<GuardedCall>) {
    this.peer = stream.peer;
    this.#stream = stream;
    this.#method = method;
    this.#running = running;
  }

  /** Hands the call to its method. @throws what the method throws. */
  open(): void {
    this.#handler = this.#method.open(this.#stream);
  }

  /**
   * The same as soon as the gate lets it through; until then the peer is held back by flow control.
   * @returns false when too many wait already: the call is ended
   */
  wait(gate: StreamGate, log: Logger): boolean {
    this.#stream.pause();
    this.#leaveQueue = gate.wait(() => this.#admit(log));
    if (this.#leaveQueue === undefined) this.#stream.end(crowded);
    return this.#leaveQueue !== undefined;
  }

  /** Ends the call although it is in order. */
  expel(how: Status): void {
    this.#leaveQueue?.();
    this.#stream.end(how);
  }

  message(bytes: Uint8Array): void {
    this.#handler?.message(bytes);
  }

  halfClose(): void {
    this.#handler?.halfClose();
  }

  closed(reason: Closed): void {
    this.#leaveQueue?.();
    this.#running.delete(this);
    this.#handler?.closed(reason);
  }

  #admit(log: Logger): void {
    this.#leaveQueue = undefined;
    try {
      this.open();
      this.#stream.resume();
    } catch (error) {
      // The transport would do the same for a method that throws at once.
      const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
      log.error("a call handler threw", { callback: "open", path: this.#method.path, error: detail });
      this.#stream.end(status("Internal", "internal error"));
    }
  }
}
