/** What a command needs of an output stream; `process.stdout` is one. */
export interface OutputStream {
  /** May throw where an output can't be written; `process.stdout` emits an error instead. */
  write(text: string): unknown;
  on?(event: "error", listener: (error: Error) => void): unknown;
  readonly isTTY?: boolean;
  /** Width of the terminal in cells. */
  readonly columns?: number;
  /** Bytes that were written but not taken yet. */
  readonly writableLength?: number;
}

/** Where a command writes: results to `stdout`, everything about the work to `stderr`. */
export interface CliIo {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

const narrowest = 40;
const widest = 100;

/** The width to lay text out in: that of the terminal within reason, and 80 cells where there is none. */
export function textWidth(stream: OutputStream): number {
  return Math.min(widest, Math.max(narrowest, stream.columns ?? 80));
}

/** Whether an output failed because whoever read it is gone, as in `galley help | head -1`: no error of ours. */
export function hasReaderLeft(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EPIPE";
}
