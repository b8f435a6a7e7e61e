import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { Observed } from "../../../src/grpc/testing/events.ts";
import { clientEnvironment } from "../sinks.ts";

/** A program of Istio's in a process of its own, with what it wrote. */
export class Program extends Observed implements AsyncDisposable {
  /** Lines that it wrote, to either output. */
  readonly lines: string[] = [];
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #kill = (): void => void this.#child.kill("SIGKILL");
  #ended = false;

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    super();
    this.#name = command;
    this.#child = spawn(command, args, { env: { ...clientEnvironment, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    process.once("exit", this.#kill);
    for (const output of [this.#child.stdout!, this.#child.stderr!]) {
      createInterface({ input: output }).on("line", (line) => {
        this.lines.push(line);
        this.changed();
      });
    }
    const end = (): void => {
      process.off("exit", this.#kill);
      this.#ended = true;
      this.changed();
    };
    this.#child.once("close", end).once("error", end);
  }

  /** While it runs. */
  get pid(): number {
    return this.#child.pid!;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Resolves when it has ended by itself. */
  async ended(): Promise<void> {
    await this.until(() => this.#ended);
  }

  /** @throws Error with its last lines when it has ended. */
  alive(): void {
    if (this.#ended) throw new Error(`${this.#name} has ended: ${this.lines.slice(-5).join(" | ")}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kill();
    await this.ended();
  }
}

/** Ports of the loopback interface that nobody listens on: Istio's programs do not tell which one the system chose for them. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  for (const server of servers) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  return ports;
}
