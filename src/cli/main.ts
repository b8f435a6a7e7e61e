#!/usr/bin/env node
import { heedSignals } from "./interrupted.ts";

/** What was left to itself, such as a read from a disk that does not answer, holds up the end of the process no longer. */
const LINGER_MS = 500;

// Nothing is loaded before this: a server that is told to stop right after it was started stops in an orderly way as well.
const stop = heedSignals();
const [{ commands }, { runCli }, { processIo }] = await Promise.all([
  import("./commands.ts"),
  import("./run.ts"),
  import("./terminal/file-output.ts"),
]);
process.exitCode = await runCli(commands, process.argv.slice(2), process.env, processIo());
if (stop.aborted) setTimeout(() => process.exit(), LINGER_MS).unref();
