import { open } from "node:fs/promises";
import { GalleyError } from "../../lib/errors.ts";
import type { LogFormat } from "./format.ts";
import { Losses, type OnLoss, reasonOf } from "./losses.ts";
import type { LogRecord, LogSink } from "./record.ts";

const mostPendingChars = 4 * 1_048_576;

/** A line that waits to be written, and of how many lost records it tells; 0 for a record itself. */
interface Line {
  readonly text: string;
  readonly tells: number;
}

/**
 * Appends records to a file, one write at a time. While the disk fails or is too slow records are lost, counted, and
 * said once it works again. Throws `GalleyError` if the file can't be opened.
 */
export async function openFileSink(path: string, format: LogFormat, onLoss?: OnLoss): Promise<LogSink> {
  const file = await open(path, "a").catch((cause: unknown) => {
    throw new GalleyError("GLY_LOG_TARGET", `log file ${path} can't be opened: ${reasonOf(cause)}`, { cause });
  });
  const losses = new Losses(onLoss);
  let pending: Line[] = [];
  let pendingChars = 0;
  let latest: LogRecord | undefined;
  let writing: Promise<void> | undefined;
  /** Whether what was written last may end in the middle of a line. */
  let torn = false;

  function put(record: LogRecord, tells = 0): void {
    const text = `${format(record)}\n`;
    pending.push({ text, tells });
    pendingChars += text.length;
    writing ??= drain();
  }

  async function drain(): Promise<void> {
    while (pending.length > 0) {
      const lines = pending;
      [pending, pendingChars] = [[], 0];
      try {
        await file.appendFile((torn ? "\n" : "") + lines.map(({ text }) => text).join(""));
        torn = false;
        losses.works();
      } catch (error) {
        torn = true;
        for (const { tells } of lines) {
          if (tells > 0) losses.untold(tells);
          else losses.add(error);
        }
      }
    }
    writing = undefined;
  }

  function sayLoss(): void {
    const before = latest && losses.takeBefore(latest);
    if (before !== undefined) put(before.notice, before.lost);
  }

  return {
    get lost() {
      return losses.total;
    },
    write(record) {
      latest = record;
      if (pendingChars > mostPendingChars) {
        losses.add();
        return;
      }
      sayLoss();
      put(record);
    },
    async close() {
      await writing;
      sayLoss();
      await writing;
      await file.close().catch(() => undefined);
    },
  };
}
