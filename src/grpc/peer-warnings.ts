import type { Clock } from "../lib/clock.ts";
import type { LogFields, Logger } from "../lib/logger.ts";
import { type RecurrenceLimit, Recurrences } from "../lib/recurrences.ts";
import { clip } from "./access/few.ts";
import type { Peer } from "./method.ts";

/** How often is warned of the same thing that the same peer does, as refusals of authentication are: one line a minute. */
const warningLimit: RecurrenceLimit = { each: { burst: 1, perSecond: 1 / 60 }, all: { burst: 60, perSecond: 1 } };

/** Tells of what peers do, who may do it again with every connection or stream that they open, and may be many. */
export class PeerWarnings {
  readonly #log: Logger;
  readonly #told: Recurrences;

  constructor(clock: Clock, log: Logger) {
    this.#log = log;
    this.#told = new Recurrences(clock, warningLimit);
  }

  /**
   * Of the same, of the same peer, is told once in a while, with how often it came meanwhile.
   * @param detail what else, beside the message, makes it the same
   */
  warn(peer: Peer, message: string, fields: LogFields, ...detail: readonly unknown[]): void {
    this.#tell("warn", peer, message, fields, detail);
  }

  /** The same of what is no fault of the peer's. */
  inform(peer: Peer, message: string, fields: LogFields): void {
    this.#tell("info", peer, message, fields, []);
  }

  #tell(level: "warn" | "info", peer: Peer, message: string, fields: LogFields, detail: readonly unknown[]): void {
    const repeated = this.#told.count(JSON.stringify([nameOf(peer), message, ...detail]));
    // Whoever asks to see every exchange sees this one too.
    if (repeated === undefined) this.#log.debug(message, fields);
    else this.#log[level](message, repeated > 0 ? { ...fields, repeated } : fields);
  }
}

/** Who a peer is, whatever connection it comes on: what it has proved to be, or else its host. */
function nameOf({ address, tls }: Peer): string {
  const [identity] = tls?.authorized === true ? tls.uris : [];
  return identity === undefined ? address.replace(/:\d+$/, "") : clip(identity);
}
