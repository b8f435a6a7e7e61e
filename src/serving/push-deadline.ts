import type { Cancel, Clock } from "../lib/clock.ts";

/** How often streams are looked at, milliseconds; a deadline is kept to within this. */
const SWEEP_MS = 1000;

/**
 * Has streams ended whose sinks owe an answer for too long: a sink that hangs is better off with a new stream, and whoever
 * watches it sees that something is wrong. Returns what stops it.
 */
export function keepPushDeadline(clock: Clock, deadlineMs: number, endUnanswered: (before: number) => void): Cancel {
  let cancel: Cancel = () => undefined;
  const sweep = (): void => {
    endUnanswered(clock.now() - deadlineMs);
    cancel = clock.schedule(SWEEP_MS, sweep);
  };
  cancel = clock.schedule(SWEEP_MS, sweep);
  return () => cancel();
}
