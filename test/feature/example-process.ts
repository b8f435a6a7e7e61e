import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** One of the programs in examples/, run as a user runs it; `galley` names resolve to the sources by examples/tsconfig.json. */
export class ExampleProcess implements AsyncDisposable {
  /** Resolves with the exit status, `null` when a signal ended it. */
  readonly exit: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  #errors = "";
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(name: string, args: readonly string[]) {
    this.#child = spawn(process.execPath, ["--import", "tsx", `examples/${name}.ts`, ...args], {
      cwd: root,
      env: { ...process.env, TSX_TSCONFIG_PATH: `${root}examples/tsconfig.json` },
      stdio: ["ignore", "pipe", "pipe"],
    });
    createInterface({ input: this.#child.stdout! }).on("line", (line) => {
      this.#lines.push(line);
      this.#wake?.();
    });
    this.#child.stderr!.on("data", (chunk: Buffer) => {
      this.#errors += chunk.toString();
      this.#wake?.();
    });
    this.exit = new Promise((resolve) => {
      this.#child.once("close", (code) => {
        this.#ended = true;
        this.#wake?.();
        resolve(code);
      });
    });
  }

  /** What was written to stderr so far. */
  get errors(): string {
    return this.#errors;
  }

  /** The next line of stdout; `undefined` after the last. */
  async line(): Promise<string | undefined> {
    while (this.#lines.length === 0) {
      if (this.#ended) return undefined;
      await this.#news();
    }
    return this.#lines.shift();
  }

  /** Resolves when something like this was written to stderr. */
  async complaint(like: RegExp): Promise<void> {
    while (!like.test(this.#errors)) {
      if (this.#ended) throw new Error(`ended without a complaint like ${like}: ${this.#errors}`);
      await this.#news();
    }
  }

  async lines(count: number): Promise<(string | undefined)[]> {
    const lines: (string | undefined)[] = [];
    while (lines.length < count) lines.push(await this.line());
    return lines;
  }

  /** Ctrl-C. */
  interrupt(): void {
    this.#child.kill("SIGINT");
  }

  #news(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) this.#child.kill("SIGKILL");
    await this.exit;
  }
}
