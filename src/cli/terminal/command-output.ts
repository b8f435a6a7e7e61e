import { GalleyError } from "../../lib/errors.ts";
import { hasReaderLeft, type OutputStream } from "./io.ts";

/** What a command writes its result to. */
export interface CommandOutput extends OutputStream {
  /** Throws `GalleyError` `GLY_OUTPUT` if anything that was written is not there. */
  check(): void;
}

/**
 * An output that is the result of a command: once a part of it could not be written, `write` throws `GLY_OUTPUT`, as half a
 * result must not pass for one. A reader that went away is no failure; it has what it wanted.
 */
export function commandOutput(stream: OutputStream): CommandOutput {
  let failure: Error | undefined;
  let isUsed = false;
  let isUnread = false;
  function fail(error: unknown): void {
    isUnread ||= hasReaderLeft(error);
    // What fails after that says so in other words.
    if (!isUnread) failure ??= error instanceof Error ? error : new Error(String(error));
  }
  function check(): void {
    if (failure === undefined) return;
    throw new GalleyError("GLY_OUTPUT", `the output can't be written: ${failure.message}`, { cause: failure });
  }
  // The log of a server may be on the same stream, and answers for itself.
  stream.on?.("error", (error) => isUsed && fail(error));
  return {
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns ?? 80;
    },
    get writableLength() {
      return stream.writableLength ?? 0;
    },
    write(text) {
      check();
      isUsed = true;
      try {
        stream.write(text);
      } catch (error) {
        fail(error);
        check();
      }
    },
    check,
  };
}

/** An output for words about the work: the work goes on where they can't be written. */
export function remarksOutput(stream: OutputStream): OutputStream {
  stream.on?.("error", () => undefined);
  return {
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns ?? 80;
    },
    write(text) {
      try {
        stream.write(text);
      } catch {
        // There is nobody to tell.
      }
    },
  };
}
