import type { ClientTls } from "../../grpc/dial/tls.ts";
import type { WatchEvent } from "./notes.ts";
import type { Arrived } from "./printer.ts";

/** What every watch is told, whatever protocol it speaks. */
export interface Session {
  readonly address: string;
  /** Asked for each connection anew; plaintext without it. */
  readonly tls: (() => Promise<ClientTls>) | undefined;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly wall: () => number;
  readonly arrived: (what: Arrived) => void;
  /** Everything that was asked for has come once. */
  readonly complete: () => void;
  readonly note: (event: WatchEvent) => void;
}

/** How a watch ended: `stopped` when the signal aborted it, with what never came. */
export type WatchEnd =
  | { readonly kind: "stopped"; readonly missing: readonly string[] }
  | { readonly kind: "unsupported"; readonly collection: string };
