/** Cancels a scheduled call; calling it after the call has run does nothing. */
export type Cancel = () => void;

/** Time, passed in: production uses `systemClock`, tests a manual one. All durations are milliseconds. */
export interface Clock {
  /** Monotonic milliseconds; only differences mean anything. */
  now(): number;
  /** Wall clock, milliseconds since the epoch; for people, never for intervals. */
  wall(): number;
  /** Runs `run` once after `delayMs`. */
  schedule(delayMs: number, run: () => void): Cancel;
  /** Runs `run` soon, after I/O that is waiting: what long work yields with. */
  defer(run: () => void): void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  schedule(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  defer(run) {
    setImmediate(run);
  },
};
