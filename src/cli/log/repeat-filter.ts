import type { Cancel, Clock } from "../../lib/clock.ts";
import type { LogRecord } from "./record.ts";

const windowMs = 5_000;

/** The last record of a scope, while others like it are held back. */
interface Held {
  readonly key: string;
  readonly record: LogRecord;
  /** When it is said how often it came again, in time of the clock. */
  until: number;
  repeats: number;
  /** When it came last, milliseconds since the epoch. */
  lastMs: number;
}

/**
 * Lets the first of several identical complaints through and counts the others; every 5 s the count is said, as a record
 * with the fields `repeated` and `last`. A storm of one error thus costs two lines in that time, whatever its size.
 *
 * A log is read as the order in which things happened, so only a warning or an error that follows its like is held back:
 * what says that something has changed never is, and before anything else is said in a scope it is said what was held back
 * there.
 */
export class RepeatFilter {
  readonly #clock: Clock;
  readonly #emit: (record: LogRecord) => void;
  /** By scope. */
  readonly #held = new Map<string, Held>();
  #timer: Cancel | undefined;

  constructor(clock: Clock, emit: (record: LogRecord) => void) {
    this.#clock = clock;
    this.#emit = emit;
  }

  write(record: LogRecord): void {
    const held = this.#held.get(record.scope);
    const isComplaint = record.level === "warn" || record.level === "error";
    if (!isComplaint && held === undefined) {
      this.#emit(record);
      return;
    }
    const key = isComplaint ? JSON.stringify([record.level, record.message, record.fields]) : "";
    if (held?.key === key) {
      held.repeats++;
      held.lastMs = record.wallMs;
      return;
    }
    if (held !== undefined) this.#tell(held);
    this.#held.delete(record.scope);
    this.#emit(record);
    if (!isComplaint) return;
    this.#held.set(record.scope, { key, record, until: this.#nextWindow(), repeats: 0, lastMs: record.wallMs });
    this.#arm();
  }

  /** Says what was held back, and forgets everything. */
  flush(): void {
    this.#timer?.();
    this.#timer = undefined;
    for (const held of this.#held.values()) this.#tell(held);
    this.#held.clear();
  }

  #tell({ record, repeats, lastMs }: Held): void {
    if (repeats === 0) return;
    // The record is of now, and what it tells may be of a while ago.
    const fields = { ...record.fields, repeated: repeats, last: new Date(lastMs).toISOString() };
    this.#emit({ ...record, wallMs: this.#clock.wall(), fields });
  }

  #nextWindow(): number {
    return this.#clock.now() + windowMs;
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#held.size === 0) return;
    const soonest = Math.min(...Array.from(this.#held.values(), ({ until }) => until));
    this.#timer = this.#clock.schedule(soonest - this.#clock.now(), () => this.#expire());
  }

  #expire(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    for (const [scope, held] of this.#held) {
      if (held.until > now) continue;
      // What repeats goes on being held back; only silence ends it.
      if (held.repeats === 0) this.#held.delete(scope);
      this.#tell(held);
      held.repeats = 0;
      held.until = this.#nextWindow();
    }
    this.#arm();
  }
}
