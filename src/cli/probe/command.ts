import { GalleyError } from "../../lib/errors.ts";
import type { Command, CommandContext } from "../command/command.ts";
import { exitStatus } from "../errors/print.ts";
import { escapeControls } from "../terminal/escape.ts";
import { type Probed, probeFile } from "./file.ts";
import { parseProbeUrl, probeUrl } from "./url.ts";

const probeOptions = {
  probePath: {
    name: "probe-path",
    kind: "file",
    default: "",
    group: "Probe",
    doc: "File to look at: that of --liveness-probe-path or --readiness-probe-path of the server.",
  },
  interval: {
    name: "interval",
    kind: "duration",
    default: "0s",
    group: "Probe",
    doc: "How old the file may be.",
  },
  url: {
    name: "url",
    kind: "text",
    default: "",
    metavar: "URL",
    group: "Probe",
    doc: "Address to ask instead of a file, such as http://127.0.0.1:15014/readyz.",
  },
  timeout: {
    name: "timeout",
    kind: "duration",
    default: "1s",
    group: "Probe",
    doc: "How long to wait for its answer.",
  },
} as const;

/** `galley probe`. */
export const probeCommand: Command<typeof probeOptions> = {
  name: "probe",
  summary: "Check once whether a server is alive or ready",
  description: [
    "Prints OK and ends with status 0 if the probe file of a server is there and fresh, or if an address answers; otherwise prints why and ends with status 1. Made for the exec probes of an orchestrator.",
  ],
  examples: [
    { line: "galley probe --probe-path=/healthready --interval=10s", doc: "Look at a probe file." },
    { line: "galley probe --url=http://127.0.0.1:15014/readyz", doc: "Ask the monitoring port." },
  ],
  options: probeOptions,
  positionals: [],
  layers: "flags",
  run: runProbe,
};

async function runProbe({ settings, io }: CommandContext<typeof probeOptions>): Promise<number> {
  const { probePath, interval, url, timeout } = settings.values;
  const probed = await (url === "" ? lookAtFile(probePath, interval) : ask(url, timeout, probePath));
  // On stdout, as in 1.3.6: it is the result, and what an orchestrator shows.
  io.stdout.write(probed.ok ? "OK\n" : `${probed.reason.split("\n").map(escapeControls).join("\n")}\n`);
  return probed.ok ? exitStatus.ok : exitStatus.failed;
}

function lookAtFile(path: string, intervalMs: number): Promise<Probed> {
  if (path === "" || intervalMs <= 0) {
    throw new GalleyError("GLY_VALUE", "some options are not valid: --probe-path and --interval are both needed", {
      hint: "give a file and how old it may be, or an address with --url",
    });
  }
  return probeFile(path, intervalMs, Date.now());
}

function ask(url: string, timeoutMs: number, path: string): Promise<Probed> {
  if (path !== "" || timeoutMs <= 0) {
    throw new GalleyError("GLY_VALUE", "some options are not valid: --url wants a --timeout, and no --probe-path");
  }
  return probeUrl(parseProbeUrl(url), timeoutMs);
}
