import type { Logger } from "../../lib/logger.ts";
import type { ReadOrder, ReadResult } from "./workers/messages.ts";

/** Help with reading much. */
export interface ReadingHelp {
  /** Whether help with this many files of so many bytes in all can be worth it. */
  isWorth(files: number, bytes: number): boolean;
  /** Those who help with so much; nobody where it is not worth it. */
  hire(files: number, bytes: number, log: Logger): Helpers | undefined;
}

/** What became of a file; `lost` when a helper had to give up, and the file is to be read without. */
export type HelpersResult = ReadResult | { readonly kind: "lost" };

/** Those who read files elsewhere. Disposing sends them away: what they were reading is lost. */
export interface Helpers extends Disposable {
  /** Whether one of them has time, or will have before this thread could read a file. */
  readonly isFree: boolean;
  /** Whether what is lost is lost because nobody wants it any more. */
  readonly isDisposed: boolean;
  /** Has a file read. The bytes change hands and can't be used any more. Never rejects. */
  read(order: ReadOrder): Promise<HelpersResult>;
}
