/** One stream, as the conversation at this end sees it. */
export interface Port {
  /** Aborts when the stream is over. */
  readonly signal: AbortSignal;
  /** The next message; `undefined` when the stream is over. */
  next(): Promise<Uint8Array | undefined>;
  /** Sends a message after those before it. What is posted when the stream is over is lost. */
  post(bytes: Uint8Array): void;
}

/**
 * Answers that may wait for the other end to read them. One for each push is what a conversation needs; a server that pushes
 * on and never reads an answer must not fill the memory.
 */
export const MAX_UNSENT = 10_000;
