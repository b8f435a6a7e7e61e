import type { OutputStream } from "../terminal/io.ts";

/** An output that ends what writes to it when it fails. */
export interface EndingOutput extends OutputStream {
  /** Throws what a write failed with, if one did. */
  check(): void;
}

/**
 * The output, for those who write in the middle of a conversation: an error thrown there would be taken for the verdict on
 * what just came, and be told to the server.
 */
export function endingOutput(stream: OutputStream, end: () => void): EndingOutput {
  let failure: unknown;
  return {
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns ?? 80;
    },
    write(text) {
      if (failure !== undefined) return;
      try {
        stream.write(text);
      } catch (error) {
        failure = error;
        end();
      }
    },
    check() {
      if (failure !== undefined) throw failure;
    },
  };
}
