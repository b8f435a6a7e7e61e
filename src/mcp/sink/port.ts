/** One stream, as the sink at this end sees it, whoever dialled. */
export interface SinkPort {
  /** Aborts when the stream is over. */
  readonly signal: AbortSignal;
  /** The next message; `undefined` when the stream is over. */
  next(): Promise<Uint8Array | undefined>;
  /** Sends a request after those before it. What is posted when the stream is over is lost. */
  post(bytes: Uint8Array): void;
}

/**
 * Requests that may wait for a source to read them. One for each collection and push is what a conversation needs; a
 * source that pushes on and never reads an answer must not fill the memory.
 */
export const MAX_UNSENT = 10_000;
