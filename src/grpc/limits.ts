import { getHeapStatistics } from "node:v8";
import type { Rate } from "./budget.ts";
import { MOST_CONNECTIONS } from "./places.ts";

/** Every bound of the server in one place. Sizes are bytes, durations milliseconds. */
export interface Limits {
  /** A longer message ends its call with `RESOURCE_EXHAUSTED` before any of it is stored. */
  readonly maxReceivedMessageBytes: number;
  /** Calls at the same time on one connection. */
  readonly maxConcurrentStreams: number;
  readonly streamWindowBytes: number;
  readonly connectionWindowBytes: number;
  /** Headers of one request, as HTTP/2 counts them. */
  readonly maxHeaderListBytes: number;
  /**
   * Parts of unfinished messages, and what unread frames take beside their bytes, kept for one connection; the call that goes
   * beyond ends with `RESOURCE_EXHAUSTED`.
   */
  readonly maxHeldBytes: number;
  /** The same, and the bytes of unread frames, for all connections of a listener; beyond it the one that holds most loses a call. */
  readonly maxHeldTogetherBytes: number;
  /** Connections altogether; one more is closed at once. */
  readonly maxConnections: number;
  /** Connections in their TLS handshake, which anybody can begin: each holds 16 to 37 KiB, 70 if it fills its buffers. One more is closed at once. */
  readonly maxHandshakes: number;
  /** Time for a TLS handshake, however busily the peer draws it out. */
  readonly handshakeMs: number;
  /** Time for a new connection to say that it speaks HTTP/2. */
  readonly openingMs: number;
  /** Silence after which a peer is asked whether it is still there. */
  readonly keepaliveIdleMs: number;
  /** Time that it has to show any sign of life before it counts as gone. */
  readonly keepaliveTimeoutMs: number;
  /** Time for the end of a call to reach its peer before the stream is reset. */
  readonly lingerMs: number;
  /** Streams that a peer may reset, or make us reset: what "rapid reset" (CVE-2023-44487) abuses. */
  readonly resets: Rate;
  /** Pings beyond those that data gives rise to. */
  readonly pings: Rate;
  /** SETTINGS frames, the first included. */
  readonly settings: Rate;
  /** Requests, whether or not they are calls that can be served. */
  readonly requests: Rate;
  /**
   * What may come in a second in frames that carry nothing of a message, and once as much besides. Node tells nobody of most
   * of them (PRIORITY, WINDOW_UPDATE, padding, whatever is unknown), so it is bytes that count.
   */
  readonly emptyBytesPerSecond: number;
}

/** Message size, stream count, windows and keepalive are those of Galley 1.3.6, which its sinks are used to. */
export const defaultLimits: Limits = {
  maxReceivedMessageBytes: 1024 * 1024,
  maxConcurrentStreams: 1024,
  streamWindowBytes: 1024 * 1024,
  connectionWindowBytes: 16 * 1024 * 1024,
  maxHeaderListBytes: 16 * 1024,
  maxHeldBytes: 64 * 1024 * 1024,
  maxHeldTogetherBytes: getHeapStatistics().heap_size_limit / 8,
  maxConnections: MOST_CONNECTIONS,
  // Ten thousand sinks that come back at once are all in their handshake together, and keep one core busy for longer than ten
  // seconds: whoever waits for us must not be turned away for it.
  maxHandshakes: 12_288,
  handshakeMs: 60_000,
  openingMs: 10_000,
  keepaliveIdleMs: 30_000,
  keepaliveTimeoutMs: 10_000,
  lingerMs: 5_000,
  // nghttp2 itself gives up after 1,000 resets and 33 more a second, with a code that explains nothing: stay below.
  resets: { burst: 900, perSecond: 30 },
  pings: { burst: 1_000, perSecond: 10 },
  settings: { burst: 100, perSecond: 1 },
  // A proxy may carry the streams of a thousand sinks, which all come back each second.
  requests: { burst: 10_000, perSecond: 1_000 },
  // A client that widens its window with every kilobyte of 100 MB a second sends 2.6 MB. This much takes a tenth of a core.
  emptyBytesPerSecond: 16 * 1024 * 1024,
};
