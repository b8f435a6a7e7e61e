import type { Cancel, Clock } from "../../lib/clock.ts";
import type { LogRecord } from "./record.ts";

const windowMs = 5_000;
const mostKeys = 1_000;

interface Seen {
  readonly record: LogRecord;
  readonly until: number;
  repeats: number;
}

/**
 * Lets the first of several identical records through and counts the others; every 5 s the count is said, as a record
 * with the field `repeated`. A storm of one error thus costs two lines in that time, whatever its size.
 */
export class RepeatFilter {
  readonly #clock: Clock;
  readonly #emit: (record: LogRecord) => void;
  /** In the order in which windows end. */
  readonly #seen = new Map<string, Seen>();
  #timer: Cancel | undefined;

  constructor(clock: Clock, emit: (record: LogRecord) => void) {
    this.#clock = clock;
    this.#emit = emit;
  }

  write(record: LogRecord): void {
    const key = JSON.stringify([record.level, record.scope, record.message, record.fields]);
    const seen = this.#seen.get(key);
    if (seen !== undefined) {
      seen.repeats++;
      return;
    }
    this.#emit(record);
    this.#open(key, record);
    if (this.#seen.size > mostKeys) this.#closeOldest();
    this.#arm();
  }

  /** Says what was held back, and forgets everything. */
  flush(): void {
    this.#timer?.();
    this.#timer = undefined;
    while (this.#seen.size > 0) this.#closeOldest();
  }

  #open(key: string, record: LogRecord): void {
    this.#seen.set(key, { record, until: this.#clock.now() + windowMs, repeats: 0 });
  }

  /** Ends the oldest window; true if there was something to say. */
  #closeOldest(): boolean {
    const [key, seen] = this.#seen.entries().next().value!;
    this.#seen.delete(key);
    if (seen.repeats === 0) return false;
    const fields = { ...seen.record.fields, repeated: seen.repeats };
    this.#emit({ ...seen.record, wallMs: this.#clock.wall(), fields });
    return true;
  }

  #arm(): void {
    const [oldest] = this.#seen.values();
    if (oldest === undefined || this.#timer !== undefined) return;
    this.#timer = this.#clock.schedule(oldest.until - this.#clock.now(), () => this.#expire());
  }

  #expire(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    for (const [key, { record, until }] of this.#seen) {
      if (until > now) break;
      // What repeats goes on being held back; only silence ends it.
      if (this.#closeOldest()) this.#open(key, record);
    }
    this.#arm();
  }
}
