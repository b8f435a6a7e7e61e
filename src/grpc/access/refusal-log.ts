import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { TokenBucket } from "../../lib/token-bucket.ts";
import type { Peer } from "../method.ts";

/** How often refusals are logged. */
export interface RefusalLogLimit {
  /** Lines that may be written at once. */
  readonly burst: number;
  /** Time in which one more may be, milliseconds. */
  readonly everyMs: number;
}

/** As in Galley 1.3.6. */
export const refusalLogLimit: RefusalLogLimit = { burst: 1, everyMs: 60_000 };

/** Identities of a peer that a line names; a certificate may hold thousands. */
const NAMED = 3;

/** Longest text of a peer in a line, characters. */
const MAX_TEXT = 200;

/** Logs refused peers, but not each of them: a sink that is refused comes back every second. */
export class RefusalLog {
  readonly #log: Logger;
  readonly #lines: TokenBucket;
  #unsaid = 0;

  constructor(clock: Clock, log: Logger, { burst, everyMs }: RefusalLogLimit = refusalLogLimit) {
    this.#log = log;
    this.#lines = new TokenBucket(clock, { burst, perSecond: 1000 / everyMs });
  }

  refused({ address, tls }: Peer, reason: string): void {
    this.#unsaid++;
    if (!this.#lines.take()) return;
    const refusals = this.#unsaid;
    this.#unsaid = 0;
    const uris = tls?.uris ?? [];
    const more = uris.length > NAMED ? ` and ${uris.length - NAMED} more` : "";
    this.#log.warn("a sink was refused: authentication failed", {
      peer: address,
      reason: clip(reason),
      identities: `${uris.slice(0, NAMED).map(clip).join(", ")}${more}`,
      // Those since the last such line, this one included.
      refusals,
    });
  }
}

function clip(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}
