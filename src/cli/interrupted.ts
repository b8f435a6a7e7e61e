/** A signal that aborts on the first SIGINT or SIGTERM; the second one ends the process the hard way. */
export interface Interrupted extends Disposable {
  readonly signal: AbortSignal;
}

/** Listens for the signals that end a command, until disposed. */
export function interrupted(): Interrupted {
  const controller = new AbortController();
  const stop = (): void => {
    // Whoever presses Ctrl-C twice means it: the default action of the signal is back.
    remove();
    controller.abort();
  };
  const remove = (): void => {
    process.removeListener("SIGINT", stop);
    process.removeListener("SIGTERM", stop);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return { signal: controller.signal, [Symbol.dispose]: remove };
}
