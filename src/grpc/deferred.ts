import type { Closed, Method, ServerStream, StreamHandler } from "./method.ts";
import { status } from "./status.ts";

/**
 * A method that stands on much that a server seldom needs, loaded when it is called for the first time; callers are held back
 * by flow control until then. Once loaded it is opened directly.
 *
 * @param load called once; when it fails, for each call anew
 */
export function deferred(path: string, load: () => Promise<Method>): Method {
  let loaded: Method | undefined;
  let loading: Promise<Method> | undefined;
  const begin = async (): Promise<Method> => {
    try {
      return (loaded = await (loading ??= load()));
    } catch (error) {
      loading = undefined;
      throw error;
    }
  };
  return { path, open: (stream) => loaded?.open(stream) ?? new DeferredCall(stream, begin()) };
}

/** A call that waits for its method. */
class DeferredCall implements StreamHandler {
  readonly #stream: ServerStream;
  #handler: StreamHandler | undefined;
  #isOver = false;

  constructor(stream: ServerStream, method: Promise<Method>) {
    this.#stream = stream;
    stream.pause();
    method.then(
      (loaded) => this.#begin(loaded),
      () => stream.end(status("Internal", "internal error")),
    );
  }

  message(bytes: Uint8Array): void {
    this.#handler?.message(bytes);
  }

  halfClose(): void {
    this.#handler?.halfClose();
  }

  closed(reason: Closed): void {
    this.#isOver = true;
    this.#handler?.closed(reason);
  }

  #begin(method: Method): void {
    if (this.#isOver) return;
    try {
      this.#handler = method.open(this.#stream);
      this.#stream.resume();
    } catch {
      // The transport would do the same for a method that throws at once.
      this.#stream.end(status("Internal", "internal error"));
    }
  }
}
