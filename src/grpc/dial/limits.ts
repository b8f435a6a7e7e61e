import { checkNumber, LONGEST_TIMER_MS, type NumberBounds } from "../../lib/number-option.ts";

/** Every bound of a connection that we dial. Sizes are bytes, durations milliseconds. */
export interface DialLimits {
  /** Time for a connection to come about, name resolution and handshakes included. */
  readonly connectMs: number;
  /** Silence after which the peer is asked whether it is still there. */
  readonly keepaliveMs: number;
  /** Time that it has to answer before it counts as gone. */
  readonly keepaliveTimeoutMs: number;
  /** A longer message ends the stream with `RESOURCE_EXHAUSTED` before any of it is stored. */
  readonly maxReceivedMessageBytes: number;
}

export const defaultDialLimits: DialLimits = {
  connectMs: 20_000,
  // Galley 1.3.6 punishes pings that come less than 30 s apart, and pings at just 30 s may arrive closer together.
  keepaliveMs: 40_000,
  keepaliveTimeoutMs: 10_000,
  // Full states of large collections pass gRPC's default of 4 MiB by far.
  maxReceivedMessageBytes: 256 * 1024 * 1024,
};

const timer: NumberBounds = { min: 1, max: LONGEST_TIMER_MS, unit: "milliseconds" };

/** How long a message may be made to be: gRPC writes its length in 32 bits. */
export const messageSizes: NumberBounds = { min: 1, max: 2 ** 32 - 1, unit: "bytes" };

const bounds: Readonly<Record<keyof DialLimits, NumberBounds>> = {
  connectMs: timer,
  keepaliveMs: timer,
  keepaliveTimeoutMs: timer,
  maxReceivedMessageBytes: messageSizes,
};

/** @throws RangeError when one can't be used; it names it as part of `limits` */
export function checkDialLimits(limits: Partial<DialLimits>): void {
  for (const name of Object.keys(bounds) as (keyof DialLimits)[]) {
    if (name in limits) checkNumber(`limits.${name}`, limits[name], bounds[name]);
  }
}
