import { constants, type ServerHttp2Stream } from "node:http2";
import type { Cancel, Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { frameMessage, portionEnd } from "./frame.ts";
import { Inbound, type InboundOwner } from "./inbound.ts";
import type { Limits } from "./limits.ts";
import { metadataProblem, toHeaders, type Metadata } from "./metadata.ts";
import type { Closed, Method, Peer, ServerStream, StreamHandler } from "./method.ts";
import { endQuietly, responseHeaders, trailersOf, withMessages, withoutMessages } from "./response.ts";
import { status, type Status } from "./status.ts";

/** The connection of a stream, as the stream sees it. */
export interface StreamOwner {
  readonly peer: Peer;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether the connection is gone, which ends its streams without a word from the peer. */
  readonly isGone: boolean;
  /** Accounts for memory that unfinished messages take (or give back); `false` when the connection has too much of it. */
  hold(bytes: number): boolean;
  /** So many bytes more wait to be read, or fewer, as far as flow control lets them. */
  unread(bytes: number): void;
  /** So many bytes of messages have come in. */
  carried(bytes: number): void;
  /** So many bytes are about to be sent. */
  sending(bytes: number): void;
  /** The stream is over; `resetCode` is the HTTP/2 code that it was closed with. */
  left(stream: GrpcStream, resetCode: number): void;
}

/** What a stream is made with. */
interface Call {
  readonly path: string;
  readonly metadata: Metadata;
  readonly encoding: string;
}

const over: Promise<boolean> = Promise.resolve(false);

/** One gRPC call on top of one HTTP/2 stream: its response side, and how it ends. */
export class GrpcStream implements ServerStream, InboundOwner {
  readonly peer: Peer;
  readonly path: string;
  readonly metadata: Metadata;
  readonly #http2: ServerHttp2Stream;
  readonly #owner: StreamOwner;
  readonly #inbound: Inbound;
  #handler: StreamHandler | undefined;
  #closed: Closed | undefined;
  #settleSend: ((taken: boolean) => void) | undefined;
  #cancelDeadline: Cancel | undefined;
  #cancelLinger: Cancel | undefined;
  /** Whether only a part of the message being sent was handed over yet. */
  #isMidway = false;
  #left = false;

  constructor(http2: ServerHttp2Stream, call: Call, owner: StreamOwner) {
    this.peer = owner.peer;
    this.path = call.path;
    this.metadata = call.metadata;
    this.#http2 = http2;
    this.#owner = owner;
    this.#inbound = new Inbound(http2, call.encoding, owner.limits.maxReceivedMessageBytes, this);
  }

  /** Hands the call to its method, which has so much time for it, and starts to read. */
  open(method: Method, timeoutMs: number | undefined): void {
    this.#http2.on("aborted", () => this.#inbound.stop());
    this.#http2.on("close", () => this.lose());
    if (timeoutMs !== undefined) {
      const late = status("DeadlineExceeded", `the deadline of ${timeoutMs} ms has passed`);
      this.#cancelDeadline = this.#owner.clock.schedule(timeoutMs, () => this.fail(late));
    }
    try {
      this.#handler = method.open(this);
      this.#inbound.start();
    } catch (error) {
      this.#bug("open", error);
    }
  }

  sendHeaders(metadata: Metadata = []): void {
    const problem = metadataProblem(metadata);
    if (problem !== undefined) throw new Error(problem);
    if (this.#isOver) return;
    if (this.#http2.headersSent) throw new Error("the response headers were sent already");
    this.#http2.respond({ ...responseHeaders, ...toHeaders(metadata) }, withMessages);
  }

  send(pieces: readonly Uint8Array[]): Promise<boolean> {
    if (this.#settleSend !== undefined) throw new Error("a send is in flight: await it before the next one");
    if (this.#isOver) return over;
    if (!this.#http2.headersSent) this.sendHeaders();
    return new Promise((resolve) => {
      this.#settleSend = resolve;
      this.#write(frameMessage(pieces));
    });
  }

  pause(): void {
    this.#inbound.pause();
  }

  resume(): void {
    this.#inbound.resume();
  }

  end(status: Status): void {
    this.#conclude({ kind: "ended", status });
  }

  /** Ends the call for a reason of the server's own. */
  fail(status: Status): void {
    this.#conclude({ kind: "failed", status });
  }

  /** What it holds for what came in: the part of an unfinished message, and what waits to be read. */
  get heldBytes(): number {
    return this.#inbound.heldBytes;
  }

  hold(bytes: number): boolean {
    return this.#owner.hold(bytes);
  }

  unread(bytes: number): void {
    this.#owner.unread(bytes);
  }

  carried(bytes: number): void {
    this.#owner.carried(bytes);
  }

  message(bytes: Uint8Array): void {
    try {
      this.#handler?.message(bytes);
    } catch (error) {
      this.#bug("message", error);
    }
  }

  halfClose(): void {
    try {
      this.#handler?.halfClose();
    } catch (error) {
      this.#bug("halfClose", error);
    }
  }

  refuse(status: Status): void {
    this.fail(status);
  }

  /** There is no stream any more, nor anything that could still happen on it. */
  lose(): void {
    if (this.#left) return;
    this.#left = true;
    const closed = (this.#closed ??= this.#reason());
    const handler = this.#handler;
    this.#handler = undefined;
    this.#inbound.stop();
    this.#cancelDeadline?.();
    this.#cancelLinger?.();
    this.#sent(false);
    this.#owner.left(this, this.#http2.rstCode);
    try {
      handler?.closed(closed);
    } catch (error) {
      this.#report("closed", error);
    }
  }

  get #isOver(): boolean {
    return this.#closed !== undefined || this.#http2.closed || this.#http2.destroyed;
  }

  #write(buffers: readonly Uint8Array[]): void {
    let bytes = 0;
    for (const buffer of buffers) bytes += buffer.length;
    this.#owner.sending(bytes);
    this.#writeFrom(buffers, 0);
  }

  /** Hands over what stands at this place and as much of what follows as makes a portion, and the rest when that was taken. */
  #writeFrom(buffers: readonly Uint8Array[], from: number): void {
    const stream = this.#http2;
    const end = portionEnd(buffers, from);
    const last = end - 1;
    this.#isMidway = end < buffers.length;
    if (last > from) stream.cork();
    for (let i = from; i < last; i++) stream.write(buffers[i]!);
    stream.write(buffers[last]!, (error) => {
      // Node reports no error for what it drops when it resets the stream itself.
      const taken = (error === undefined || error === null) && !stream.closed;
      if (taken && end < buffers.length) this.#writeFrom(buffers, end);
      else this.#sent(taken);
    });
    if (last > from) stream.uncork();
    if (this.#closed !== undefined && !this.#isMidway) stream.end();
  }

  #sent(taken: boolean): void {
    const settle = this.#settleSend;
    this.#settleSend = undefined;
    settle?.(taken);
  }

  #conclude(closed: Extract<Closed, { status: Status }>): void {
    if (this.#isOver) return;
    this.#closed = closed;
    this.#cancelDeadline?.();
    this.#inbound.stop();
    const stream = this.#http2;
    const { clock, limits } = this.#owner;
    this.#cancelLinger = clock.schedule(limits.lingerMs, () => this.#giveUp());
    const trailers = trailersOf(closed.status);
    if (!stream.headersSent) {
      stream.respond({ ...responseHeaders, ...trailers }, withoutMessages);
      endQuietly(stream);
      return;
    }
    stream.once("wantTrailers", () => {
      stream.sendTrailers(trailers);
      endQuietly(stream);
    });
    if (!this.#isMidway) stream.end();
  }

  // The reset can't leave either while the peer's system takes no bytes, so the stream may outlive this; the handler needn't.
  #giveUp(): void {
    this.#http2.close(constants.NGHTTP2_CANCEL);
    this.lose();
  }

  #reason(): Closed {
    if (this.#owner.isGone) return { kind: "lost" };
    const code = this.#http2.rstCode;
    const wanted = code === constants.NGHTTP2_NO_ERROR || code === constants.NGHTTP2_CANCEL;
    return wanted ? { kind: "cancelled" } : { kind: "reset", code };
  }

  #bug(callback: string, error: unknown): void {
    this.#report(callback, error);
    this.fail(status("Internal", "internal error"));
  }

  #report(callback: string, error: unknown): void {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#owner.log.error("a call handler threw", {
      callback,
      path: this.path,
      peer: this.peer.address,
      error: detail,
    });
  }
}
