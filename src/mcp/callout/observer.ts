/** What the call-out tells those who measure it. Calls are cheap, synchronous, and never throw. */
export interface CallOutObserver {
  /** A stream to a sink was established: the first one and each one after it. */
  connected(address: string): void;
  /** A stream, or an attempt at one, ended with this gRPC code; the next one is `retryMs` away. */
  disconnected(address: string, code: number, retryMs: number): void;
}

export const silentCallOutObserver: CallOutObserver = {
  connected: () => undefined,
  disconnected: () => undefined,
};
