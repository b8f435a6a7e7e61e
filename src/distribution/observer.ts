import type { Collection } from "../model/names.ts";
import type { Verdict } from "./subscription.ts";

/** What distribution tells those who measure it. Calls are cheap, synchronous, and never throw. */
export interface DistributionObserver {
  streamOpened(): void;
  streamClosed(): void;
  /** Every request but swallowed trigger answers, before it is judged. `collection` is `undefined` when it is not served. */
  requestReceived(collection: Collection | undefined, bytes: number): void;
  /** @param code gRPC code of the error detail, for NACKs and stale NACKs */
  judged(collection: Collection, verdict: Verdict, code: number | undefined): void;
  pushed(collection: Collection, kind: "full" | "delta", bytes: number): void;
  /** A version that the sink was due gave way to a newer one before it was sent. */
  superseded(collection: Collection): void;
  /** A sink that says too much that is of no use is not read for a while. */
  heldBack(): void;
  /** A push that could not be handed to the transport. */
  sendFailed(collection: Collection): void;
  /**
   * A stream that nothing more could be received from, with its connection or by the peer's fault: a reset, garbage, a message
   * too large. Clean ends and cancels are not failures.
   */
  receiveFailed(code: number): void;
  /** A stream that was ended for what its peer asked for, said it kept, or failed to answer. */
  refused(code: number): void;
}

export const silentObserver: DistributionObserver = {
  streamOpened: () => undefined,
  streamClosed: () => undefined,
  requestReceived: () => undefined,
  judged: () => undefined,
  pushed: () => undefined,
  superseded: () => undefined,
  heldBack: () => undefined,
  sendFailed: () => undefined,
  receiveFailed: () => undefined,
  refused: () => undefined,
};
