import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** What a process can be asked for, by name: one argument, one answer. Both are sent as JSON. */
export type Abilities = Readonly<Record<string, (argument: never) => unknown>>;

interface Question {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

type Answer = { readonly id: number; readonly value?: unknown; readonly error?: string };

/** A process of its own that can be asked: what it costs must not be mixed with what its peers cost. */
export class Remote<A extends Abilities> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<
    number,
    { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }
  >();
  #lastId = 0;

  constructor(module: URL, nodeFlags: readonly string[] = []) {
    this.#child = fork(fileURLToPath(module), { execArgv: [...process.execArgv, ...nodeFlags] });
    this.#child.on("message", (answer: Answer) => this.#answered(answer));
    this.#child.once("exit", (code) => {
      for (const asked of this.#waiting.values()) asked.reject(new Error(`${module.pathname} ended with ${code}`));
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  ask<K extends keyof A & string>(name: K, argument: Parameters<A[K]>[0]): Promise<Awaited<ReturnType<A[K]>>> {
    const id = ++this.#lastId;
    const question: Question = { id, name, argument };
    this.#child.send(question);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: (value) => resolve(value as Awaited<ReturnType<A[K]>>), reject });
    });
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await gone;
  }

  #answered({ id, value, error }: Answer): void {
    const asked = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) asked?.resolve(value);
    else asked?.reject(new Error(error));
  }
}

/** Has this process answer what it is asked for. */
export function answerWith(abilities: Abilities): void {
  process.on("message", (question: Question) => void answer(abilities, question));
  process.on("disconnect", () => process.exit(0));
}

async function answer(abilities: Abilities, { id, name, argument }: Question): Promise<void> {
  try {
    const value = await (abilities[name] as (argument: unknown) => unknown)(argument);
    process.send!({ id, value });
  } catch (error) {
    process.send!({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

/** Milliseconds on a clock that all processes of a machine share. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
