import type { Cancel, Clock } from "../lib/clock.ts";

/** What keepalive needs of a connection. */
export interface Pulse {
  /** Bytes ever received: any change is a sign of life, whatever was received. */
  readonly bytesRead: number;
  /**
   * Bytes that the system has not taken because its own buffer is full. When they get fewer, the peer's system has
   * acknowledged something: a sign of life too, and the only one on a slow line, as Node doesn't read while it writes.
   */
  readonly bytesWaiting: number;
  /** Sends a ping, whose answer shows in `bytesRead`; `false` when the connection is past that, so silence means nothing. */
  ping(): boolean;
  /** There was no sign of life for too long. Nothing follows. */
  dead(): void;
}

/** How long a connection may be silent, milliseconds. */
export interface KeepaliveLimits {
  /** Silence after which the peer is pinged. */
  readonly keepaliveIdleMs: number;
  /** Time that it has to show any sign of life after that. */
  readonly keepaliveTimeoutMs: number;
}

/**
 * Watches over a connection: after `keepaliveIdleMs` of silence (and at most half as much again) the peer is pinged, and when
 * nothing at all comes within `keepaliveTimeoutMs` it is dead. This is how half-open connections end. One timer a connection,
 * which looks at a counter now and then, so traffic costs nothing.
 */
export class Keepalive {
  readonly #clock: Clock;
  readonly #limits: KeepaliveLimits;
  readonly #pulse: Pulse;
  #read: number;
  #waiting: number;
  #silentMs = 0;
  #isAsked = false;
  #cancel: Cancel;

  constructor(clock: Clock, limits: KeepaliveLimits, pulse: Pulse) {
    this.#clock = clock;
    this.#limits = limits;
    this.#pulse = pulse;
    this.#read = pulse.bytesRead;
    this.#waiting = pulse.bytesWaiting;
    this.#cancel = this.#lookLater();
  }

  /** Ends the watch. */
  stop(): void {
    this.#cancel();
  }

  get #lookMs(): number {
    return this.#limits.keepaliveIdleMs / 2;
  }

  #lookLater(): Cancel {
    return this.#clock.schedule(this.#isAsked ? this.#limits.keepaliveTimeoutMs : this.#lookMs, () => this.#look());
  }

  #look(): void {
    const hasHeard = this.#hasHeard();
    if (this.#isAsked && !hasHeard) {
      this.#pulse.dead();
      return;
    }
    this.#silentMs = hasHeard ? 0 : this.#silentMs + this.#lookMs;
    this.#isAsked = !this.#isAsked && this.#silentMs >= this.#limits.keepaliveIdleMs && this.#pulse.ping();
    this.#cancel = this.#lookLater();
  }

  #hasHeard(): boolean {
    const { bytesRead, bytesWaiting } = this.#pulse;
    const isSame = bytesRead === this.#read && (this.#waiting === 0 || bytesWaiting === this.#waiting);
    this.#read = bytesRead;
    this.#waiting = bytesWaiting;
    return !isSame;
  }
}
