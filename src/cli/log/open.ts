import type { Clock } from "../../lib/clock.ts";
import type { Environment } from "../options/environment.ts";
import type { ValuesOf } from "../options/option.ts";
import type { CommonOptions } from "../options/table.ts";
import { colours } from "../terminal/colours.ts";
import { escapeControls } from "../terminal/escape.ts";
import type { CliIo, OutputStream } from "../terminal/io.ts";
import { openFileSink } from "./file-sink.ts";
import { jsonFormat, type LogFormat, terminalFormat, textFormat } from "./format.ts";
import { createLog, type Log } from "./log.ts";
import type { OnLoss } from "./losses.ts";
import type { LogSink } from "./record.ts";
import { streamSink } from "./stream-sink.ts";

/** The settings that shape the log. */
export type LogValues = Pick<ValuesOf<CommonOptions>, "logAsJson" | "logOutputLevel" | "logTarget">;

/**
 * Opens the log that the settings describe; throws `GalleyError` if one of its files can't be opened. That a target takes no
 * records is said on `stderr`, where it is another one.
 */
export async function openLog(values: LogValues, io: CliIo, env: Environment, clock: Clock): Promise<Log> {
  const sinks: LogSink[] = [];
  try {
    for (const target of new Set(values.logTarget)) {
      if (target === "stdout" || target === "stderr") {
        const tell = target === "stderr" ? undefined : tellLoss(target, io.stderr);
        sinks.push(streamSink(io[target], streamFormat(values.logAsJson, io[target], env), tell));
      } else {
        const format = values.logAsJson === false ? textFormat : jsonFormat;
        sinks.push(await openFileSink(target, format, tellLoss(target, io.stderr)));
      }
    }
  } catch (error) {
    await Promise.all(sinks.map((sink) => sink.close()));
    throw error;
  }
  return createLog({ levels: values.logOutputLevel, sinks, clock });
}

function tellLoss(target: string, stderr: OutputStream): OnLoss {
  return (why) => {
    try {
      stderr.write(
        `the log can't be written to ${escapeControls(`${target}: ${why}`)}; records are lost until it can\n`,
      );
    } catch {
      // Nobody is left to tell; the losses are counted.
    }
  };
}

function streamFormat(asJson: boolean | "auto", stream: OutputStream, env: Environment): LogFormat {
  if (stream.isTTY !== true) return asJson === false ? textFormat : jsonFormat;
  return asJson === true ? jsonFormat : terminalFormat(colours(stream, env));
}
