import { hasReaderLeft, type OutputStream } from "../terminal/io.ts";
import { eraseLine } from "../terminal/progress.ts";
import type { LogFormat } from "./format.ts";
import { Losses, type OnLoss } from "./losses.ts";
import type { LogSink } from "./record.ts";

const mostBufferedBytes = 4 * 1_048_576;

/**
 * Writes records to a stream of the process. A reader that went away ends the output without an error; while one is too slow,
 * or a disk is full, records are lost, which are counted and said once it works again: the program comes before its log.
 */
export function streamSink(stream: OutputStream, format: LogFormat, onLoss?: OnLoss): LogSink {
  const losses = new Losses(onLoss);
  /** Why a stream takes nothing any more, for good. */
  let broken: "reader-left" | "failed" | undefined;
  stream.on?.("error", (error) => {
    broken ??= hasReaderLeft(error) ? "reader-left" : "failed";
    if (broken === "failed") losses.add(error);
  });

  return {
    get lost() {
      return losses.total;
    },
    write(record) {
      if (broken === "reader-left") return;
      if (broken === "failed" || (stream.writableLength ?? 0) > mostBufferedBytes) {
        losses.add();
        return;
      }
      const before = losses.takeBefore(record);
      const lines = [...(before === undefined ? [] : [before.notice]), record]
        .map((one) => `${format(one)}\n`)
        .join("");
      try {
        // A progress line may stand where the record goes.
        stream.write(stream.isTTY === true ? eraseLine + lines : lines);
        losses.works();
      } catch (error) {
        losses.untold(before?.lost ?? 0);
        losses.add(error);
      }
    },
    close: () => Promise.resolve(),
  };
}
