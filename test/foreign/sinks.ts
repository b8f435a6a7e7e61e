import { spawn } from "node:child_process";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { GalleyProcess } from "../support/galley-process.ts";
import type { Tally } from "./tally.ts";

const samples = fileURLToPath(new URL("../../samples/leafpress", import.meta.url));

/** Starts a server that reads a copy of the samples. */
export async function serveSamples(folder: string): Promise<GalleyProcess> {
  await cp(samples, folder, { recursive: true });
  const server = await GalleyProcess.start(folder);
  await server.ready();
  return server;
}

/** What clients are run with: proxies are for the world outside. */
export const clientEnvironment: NodeJS.ProcessEnv = {
  ...process.env,
  NO_PROXY: "127.0.0.1",
  no_proxy: "127.0.0.1",
  PYTHONDONTWRITEBYTECODE: "1",
};

/** Each check has its own limit; this one is for a program that hangs as a whole. */
const PATIENCE_MS = 300_000;

/**
 * Has a program check a server of its own. The program prints `ok TITLE` or `FAIL TITLE: REASON` for each check, and
 * `ask stop` when the server is to stop.
 */
export async function runSink(name: string, command: readonly string[], into: string, tally: Tally): Promise<void> {
  const folder = join(into, `${name}-config`);
  await using server = await serveSamples(folder);
  const [program = "", ...args] = command;
  const child = spawn(program, [...args, "--address", server.address, "--folder", folder], {
    env: clientEnvironment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let complaints = "";
  let failed = 0;
  let stopped = false;
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaints += text));
  createInterface({ input: child.stdout }).on("line", (line) => {
    const [, verdict, title = "", failure] = /^(ok|FAIL) (.*?)(?:: (.*))?$/.exec(line) ?? [];
    if (verdict !== undefined) tally.record(`${name}: ${title}`, verdict === "ok" ? undefined : (failure ?? ""));
    if (verdict === "FAIL") failed++;
    if (line === "ask stop") {
      stopped = true;
      server.signal("SIGTERM");
    }
  });
  const tooLong = setTimeout(() => child.kill(), PATIENCE_MS);
  const end = await new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(code ?? signal));
  });
  clearTimeout(tooLong);
  if (end !== (failed === 0 ? 0 : 1))
    tally.record(`${name}: the program ends in order`, `${String(end)}: ${complaints}`);
  await tally.check(`${name}: the server has stopped with status 0`, async () => {
    if (!stopped) throw new Error("it was never asked to");
    const { code, signal } = await server.ended();
    if (code !== 0) throw new Error(`it ended with ${code ?? signal}`);
  });
}
