import type { Cancel, Clock } from "../lib/clock.ts";

/** What keepalive needs of a connection. */
export interface Pulse {
  /** Bytes ever received: any change is a sign of life, whatever was received. */
  bytesRead(): number;
  /**
   * Bytes that the system has not taken because its own buffer is full. When they get fewer, the peer's system has
   * acknowledged something: a sign of life too, and the only one on a slow line, as Node doesn't read while it writes.
   */
  bytesWaiting(): number;
  /** Sends a ping, whose answer shows in `bytesRead`; `false` when the connection is past that, so silence means nothing. */
  ping(): boolean;
  /** There was no sign of life for too long. Nothing follows. */
  dead(): void;
}

/**
 * Watches over a connection: after `idleMs` of silence (and at most half as much again) the peer is pinged, and when
 * nothing at all comes within `timeoutMs` it is dead. This is how half-open connections end. One timer a connection, which
 * looks at a counter now and then, so traffic costs nothing.
 */
export function keepAlive(clock: Clock, idleMs: number, timeoutMs: number, pulse: Pulse): Cancel {
  const lookMs = idleMs / 2;
  let read = pulse.bytesRead();
  let waiting = pulse.bytesWaiting();
  let silentMs = 0;
  let cancel: Cancel = clock.schedule(lookMs, look);

  function heard(): boolean {
    const [readBefore, waitedBefore] = [read, waiting];
    read = pulse.bytesRead();
    waiting = pulse.bytesWaiting();
    if (read === readBefore && (waitedBefore === 0 || waiting === waitedBefore)) return false;
    silentMs = 0;
    return true;
  }

  function look(): void {
    if (!heard()) silentMs += lookMs;
    const asked = silentMs >= idleMs && pulse.ping();
    cancel = asked ? clock.schedule(timeoutMs, judge) : clock.schedule(lookMs, look);
  }

  function judge(): void {
    if (heard()) cancel = clock.schedule(lookMs, look);
    else pulse.dead();
  }

  return () => cancel();
}
