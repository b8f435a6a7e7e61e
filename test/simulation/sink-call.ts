/** A call as the one who drives a sink sees it, whatever carries it. */
export interface SinkCall {
  /** Whether it is decided how the call ends; nothing that the sink says is heard any more. */
  readonly isEnded: boolean;
  /** Whether the server waits for the transport to take a message. */
  readonly isSending: boolean;
  /** Whether a read would bring anything. */
  readonly readable: boolean;
  /** Reads what has come, up to so many bytes. */
  read(maxBytes?: number): void;
  /** Sends a message. */
  deliver(bytes: Uint8Array): void;
  /** Says that there will be no further one. */
  halfClose(): void;
  cancel(): void;
  reset(code: number): void;
  /** The connection is gone. */
  lose(): void;
}
