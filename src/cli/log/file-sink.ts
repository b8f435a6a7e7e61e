import { open } from "node:fs/promises";
import { GalleyError } from "../../lib/errors.ts";
import type { LogFormat } from "./format.ts";
import { type LogRecord, type LogSink, lossBefore } from "./record.ts";

const mostPendingChars = 4 * 1_048_576;

/**
 * Appends records to a file, one write at a time. While the disk fails or is too slow records are lost, counted, and
 * said once it works again. Throws `GalleyError` if the file can't be opened.
 */
export async function openFileSink(path: string, format: LogFormat): Promise<LogSink> {
  const file = await open(path, "a").catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GalleyError("GLY_LOG_TARGET", `log file ${path} can't be opened: ${reason}`, { cause });
  });
  let pending: string[] = [];
  let pendingChars = 0;
  let lost = 0;
  let latest: LogRecord | undefined;
  let writing: Promise<void> | undefined;

  function put(record: LogRecord): void {
    const line = `${format(record)}\n`;
    pending.push(line);
    pendingChars += line.length;
    writing ??= drain();
  }

  async function drain(): Promise<void> {
    while (pending.length > 0) {
      const lines = pending;
      [pending, pendingChars] = [[], 0];
      try {
        await file.appendFile(lines.join(""));
      } catch {
        lost += lines.length;
      }
    }
    writing = undefined;
  }

  function sayLoss(): void {
    if (lost > 0 && latest !== undefined) put(lossBefore(latest, lost));
    lost = 0;
  }

  return {
    write(record) {
      latest = record;
      if (pendingChars > mostPendingChars) {
        lost++;
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
