import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Observed } from "../../src/grpc/testing/events.ts";

/** A line of the server's log. */
export type LogRecord = Readonly<Record<string, unknown>> & { readonly level: string; readonly msg: string };

/** An item of `/api/v1/problems`. */
export interface ProblemItem {
  readonly severity: string;
  readonly code: string;
  readonly message: string;
  readonly action: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly subject?: string;
  readonly source: string;
  readonly since: string;
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const root = new URL("../../", import.meta.url);

/** Arguments of node that run `galley`: the build when it is newer than all sources, else the sources, which start slower. */
function galleyProgram(): readonly string[] {
  const builtAt = statSync(new URL("dist/build-info.json", root), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = readdirSync(new URL("src", root), { recursive: true, encoding: "utf8" });
  const isFresh = sources.every(
    (file) =>
      !file.endsWith(".ts") || file.endsWith(".test.ts") || statSync(new URL(`src/${file}`, root)).mtimeMs < builtAt,
  );
  const at = (path: string): string => fileURLToPath(new URL(path, root));
  return isFresh ? [at("dist/cli/main.js")] : ["--import", "tsx", at("src/cli/main.ts")];
}

function run(args: readonly string[], stdout: "pipe" | number = "pipe", openFiles?: number): ChildProcess {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("GALLEY_")));
  const command = [process.execPath, ...galleyProgram(), ...args];
  const limited =
    openFiles === undefined ? command : ["sh", "-c", 'ulimit -n "$0" && exec "$@"', `${openFiles}`, ...command];
  return spawn(limited[0]!, limited.slice(1), {
    cwd: fileURLToPath(root),
    env,
    stdio: ["ignore", stdout, "pipe"],
  });
}

/** Runs `galley` with these arguments to its end. */
export async function runGalley(...args: readonly string[]): Promise<Exit & { stdout: string; stderr: string }> {
  const child = run(args);
  const output = { stdout: "", stderr: "" };
  child.stdout!.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, ...output }));
  });
}

/** Runs `galley` with its standard output going to a file or a device. */
export async function runGalleyInto(
  path: string,
  ...args: readonly string[]
): Promise<Exit & { readonly stderr: string }> {
  const file = await open(path, "w");
  try {
    const child = run(args, file.fd);
    let stderr = "";
    child.stderr!.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    return await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => resolve({ code, signal, stderr }));
    });
  } finally {
    await file.close();
  }
}

/** `galley server` in a process of its own, plaintext, on free ports of the loopback interface. */
export class GalleyProcess extends Observed implements AsyncDisposable {
  /** The log so far. */
  readonly records: LogRecord[] = [];
  /** What it wrote for people so far. */
  stderr = "";
  exit: Exit | undefined;
  readonly #child: ChildProcess;
  readonly #kill = (): void => void this.#child.kill("SIGKILL");

  private constructor(args: readonly string[], openFiles?: number) {
    super();
    this.#child = run(args, "pipe", openFiles);
    process.once("exit", this.#kill);
    createInterface({ input: this.#child.stdout! }).on("line", (line) => {
      this.records.push(JSON.parse(line) as LogRecord);
      this.changed();
    });
    this.#child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
      this.changed();
    });
    this.#child.once("close", (code, signal) => {
      process.off("exit", this.#kill);
      this.exit = { code, signal };
      this.changed();
    });
  }

  /** Starts a server that reads this folder; resolves when it listens, whether or not it has anything to serve yet. */
  static async start(folder: string, ...flags: readonly string[]): Promise<GalleyProcess> {
    return await GalleyProcess.#started(folder, flags);
  }

  /** The same, as a process that may open so many files. */
  static async startWith(openFiles: number, folder: string, ...flags: readonly string[]): Promise<GalleyProcess> {
    return await GalleyProcess.#started(folder, flags, openFiles);
  }

  static async #started(folder: string, flags: readonly string[], openFiles?: number): Promise<GalleyProcess> {
    const ports = ["--server-address=tcp://127.0.0.1:0", "--monitoring-port=0", "--ctrlz-port=0"];
    const server = new GalleyProcess(
      ["server", "--insecure", `--config-path=${folder}`, ...ports, ...flags],
      openFiles,
    );
    try {
      await server.record(({ msg }) => msg === "listening");
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  /** `host:port` of the MCP server. */
  get address(): string {
    return this.#listening("address").replace("tcp://", "");
  }

  /** `host:port` of the listener for xDS clients without an identity. */
  get xdsAddress(): string {
    return this.#listening("xds").replace("tcp://", "");
  }

  get monitoringUrl(): string {
    return this.#listening("monitoring");
  }

  get introspectionUrl(): string {
    return this.#listening("introspection");
  }

  /** Resolves when it says to people that it serves. */
  async ready(): Promise<void> {
    await this.happens(() => this.stderr.includes("Ctrl-C"));
  }

  /** Resolves when the condition holds, which is looked at as it writes something. @throws Error when it ends before. */
  async happens(condition: () => boolean): Promise<void> {
    await this.until(() => condition() || this.exit !== undefined);
    if (condition()) return;
    const log = this.records.slice(-20).map((record) => JSON.stringify(record));
    throw new Error(`galley ended: ${[JSON.stringify(this.exit), ...log, this.stderr].join("\n")}`);
  }

  /** The first record of the log, from the one of that index on, that is meant. */
  async record(isMeant: (record: LogRecord) => boolean, from = 0): Promise<LogRecord> {
    const found = (): LogRecord | undefined => this.records.slice(from).find(isMeant);
    await this.happens(() => found() !== undefined);
    return found()!;
  }

  /** What `/api/v1/problems` lists. */
  async problems(): Promise<readonly ProblemItem[]> {
    const response = await fetch(`${this.introspectionUrl}/api/v1/problems?limit=5000`);
    return ((await response.json()) as { readonly items: readonly ProblemItem[] }).items;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Resolves when it has ended and everything it wrote has come. */
  async ended(): Promise<Exit> {
    await this.until(() => this.exit !== undefined);
    return this.exit!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kill();
    await this.ended();
  }

  #listening(what: string): string {
    return String(this.records.find(({ msg }) => msg === "listening")?.[what]);
  }
}
