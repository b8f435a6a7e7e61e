import type { OutputStream } from "../terminal/io.ts";
import { eraseLine } from "../terminal/progress.ts";
import type { LogFormat } from "./format.ts";
import { type LogSink, lossBefore } from "./record.ts";

const mostBufferedBytes = 4 * 1_048_576;

/**
 * Writes records to a stream of the process. A reader that went away ends the output without an error; one that is too
 * slow loses records, which are counted and said once it catches up: the program comes before its log.
 */
export function streamSink(stream: OutputStream, format: LogFormat): LogSink {
  let broken = false;
  let lost = 0;
  stream.on?.("error", () => {
    broken = true;
  });

  function put(line: string): void {
    // A progress line may stand where the record goes.
    stream.write(stream.isTTY === true ? `${eraseLine}${line}\n` : `${line}\n`);
  }

  return {
    write(record) {
      if (broken) return;
      if ((stream.writableLength ?? 0) > mostBufferedBytes) {
        lost++;
        return;
      }
      try {
        if (lost > 0) put(format(lossBefore(record, lost)));
        lost = 0;
        put(format(record));
      } catch {
        broken = true;
      }
    },
    close: () => Promise.resolve(),
  };
}
