import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";

/** A port that nothing listens on at the moment. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** A galley process under measurement. */
export interface Served {
  readonly pid: number;
  readonly address: string;
  readonly port: number;
  /** When the process was started, `performance.now()`. */
  readonly startedAt: number;
  stop(): Promise<void>;
}

/** Starts `galley server` from `dist/` on a folder, with these flags besides. Fails when it ends by itself. */
export async function serve(folder: string, flags: readonly string[] = []): Promise<Served> {
  const port = await freePort();
  const args = [
    "dist/cli/main.js",
    "server",
    "--insecure",
    `--config-path=${folder}`,
    `--server-address=127.0.0.1:${port}`,
    ...flags,
  ];
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...args, "--monitoring-port=0", "--ctrlz-port=0"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.once("exit", (code) => {
    if (code !== 0 && code !== null) throw new Error(`galley ended with ${code}: ${said}`);
  });
  return { pid: child.pid!, port, address: `127.0.0.1:${port}`, startedAt, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}

// Linux counts CPU in ticks of a hundredth of a second for user space, whatever the kernel is built with.
const TICK_MS = 10;

/** CPU time that a process has used so far, milliseconds, from /proc (Linux). */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Resident memory of a process now, and at its highest, MiB. */
export function memoryMiB(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const read = (key: string): number => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
  return { now: read("VmRSS"), peak: read("VmHWM") };
}
