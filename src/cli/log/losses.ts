import { type LogRecord, lossBefore } from "./record.ts";

/** Told why records can't be written, when that begins; and again if it ends and begins anew. */
export type OnLoss = (why: string) => void;

/** Counts the records that a sink of the log could not write, and has them told where they are missing. */
export class Losses {
  readonly #onLoss: OnLoss;
  #total = 0;
  #untold = 0;
  #isFailing = false;

  constructor(onLoss: OnLoss = () => undefined) {
    this.#onLoss = onLoss;
  }

  /** Records lost since the start. */
  get total(): number {
    return this.#total;
  }

  /** Takes down that one was lost. @param error what writing it failed with; nothing where it was not tried */
  add(error?: unknown): void {
    this.#total++;
    this.#untold++;
    if (error === undefined || this.#isFailing) return;
    this.#isFailing = true;
    this.#onLoss(reasonOf(error));
  }

  /** Takes down that writing works. */
  works(): void {
    this.#isFailing = false;
  }

  /** What tells of those that are missing before this record, and of how many; `undefined` when none are. They count as told. */
  takeBefore(record: LogRecord): { readonly notice: LogRecord; readonly lost: number } | undefined {
    const lost = this.#untold;
    if (lost === 0) return undefined;
    this.#untold = 0;
    return { notice: lossBefore(record, lost), lost };
  }

  /** What told of so many was lost as well. */
  untold(records: number): void {
    this.#untold += records;
  }
}

/** What a failure of an output says of itself. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
