import type { Clock } from "../../lib/clock.ts";
import type { Environment } from "../options/environment.ts";
import type { ValuesOf } from "../options/option.ts";
import type { CommonOptions } from "../options/table.ts";
import { colours } from "../terminal/colours.ts";
import type { CliIo, OutputStream } from "../terminal/io.ts";
import { openFileSink } from "./file-sink.ts";
import { jsonFormat, type LogFormat, terminalFormat, textFormat } from "./format.ts";
import { createLog, type Log } from "./log.ts";
import type { LogSink } from "./record.ts";
import { streamSink } from "./stream-sink.ts";

/** The settings that shape the log. */
export type LogValues = Pick<ValuesOf<CommonOptions>, "logAsJson" | "logOutputLevel" | "logTarget">;

/** Opens the log that the settings describe; throws `GalleyError` if one of its files can't be opened. */
export async function openLog(values: LogValues, io: CliIo, env: Environment, clock: Clock): Promise<Log> {
  const sinks: LogSink[] = [];
  try {
    for (const target of new Set(values.logTarget)) {
      if (target === "stdout" || target === "stderr") {
        sinks.push(streamSink(io[target], streamFormat(values.logAsJson, io[target], env)));
      } else sinks.push(await openFileSink(target, values.logAsJson === false ? textFormat : jsonFormat));
    }
  } catch (error) {
    await Promise.all(sinks.map((sink) => sink.close()));
    throw error;
  }
  return createLog({ levels: values.logOutputLevel, sinks, clock });
}

function streamFormat(asJson: boolean | "auto", stream: OutputStream, env: Environment): LogFormat {
  if (stream.isTTY !== true) return asJson === false ? textFormat : jsonFormat;
  return asJson === true ? jsonFormat : terminalFormat(colours(stream, env));
}
