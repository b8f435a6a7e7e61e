import type { Colours } from "../terminal/colours.ts";
import { escapeControls } from "../terminal/escape.ts";
import type { OutputStream } from "../terminal/io.ts";
import type { Failure } from "./advice.ts";
import type { Noun } from "./printer.ts";

/** What is told of a connection. */
export type WatchEvent =
  | { readonly kind: "connected" }
  /** The stream ended; the next attempt is `retryMs` away. */
  | { readonly kind: "disconnected"; readonly code: number; readonly message: string; readonly retryMs: number }
  /** A push was refused, and the server was told why. */
  | { readonly kind: "nacked"; readonly subject: string; readonly message: string }
  /** A push came of something that was not asked for. */
  | { readonly kind: "unasked"; readonly subject: string };

export interface NotesOptions {
  readonly err: OutputStream;
  readonly server: string;
  readonly paint: Colours;
  readonly advise: (failure: Failure) => string | undefined;
}

/** Tells on stderr how the connection is doing, and nothing while all is well from the start. */
export class Notes {
  readonly #options: NotesOptions;
  #down = false;
  #advice: string | undefined;

  constructor(options: NotesOptions) {
    this.#options = options;
  }

  /** What can be done about the connection, while there is none. */
  get advice(): string | undefined {
    return this.#advice;
  }

  take(event: WatchEvent): void {
    const { server, paint, advise } = this.#options;
    switch (event.kind) {
      case "disconnected": {
        this.#down = true;
        const wait = `trying again in ${(event.retryMs / 1000).toFixed(1)} s`;
        this.#say(paint.yellow(`${server}: ${escapeControls(event.message || "the stream ended")}; ${wait}`));
        this.#advise(advise(event));
        return;
      }
      case "connected":
        if (this.#down) this.#say(`${server}: connected`);
        this.#down = false;
        this.#advice = undefined;
        return;
      case "nacked":
        this.#say(paint.red(escapeControls(`${event.subject}: refused: ${event.message}`)));
        return;
      case "unasked":
        this.#say(paint.yellow(escapeControls(`${event.subject}: came without being asked for, and is ignored`)));
        return;
    }
  }

  complete(resources: number, subjects: number, noun: Noun, stays: boolean): void {
    const rest = stays ? "; waiting for changes, Ctrl-C ends it" : "";
    const what = `${count(resources, "resource")} in ${count(subjects, noun)}`;
    this.#say(this.#options.paint.dim(`${what}${rest}`));
  }

  /** The same advice is given once for each time that the connection is lost. */
  #advise(advice: string | undefined): void {
    if (advice !== undefined && advice !== this.#advice) this.#say(`hint: ${advice}`);
    this.#advice = advice;
  }

  #say(text: string): void {
    this.#options.err.write(`${text}\n`);
  }
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
