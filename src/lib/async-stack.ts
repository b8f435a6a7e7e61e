/** Closes what was opened, last first. Node 20 has no `AsyncDisposableStack`. */
export class AsyncStack implements AsyncDisposable {
  readonly #open: AsyncDisposable[] = [];

  /** Has it closed with the others; returns it. */
  use<T extends AsyncDisposable>(resource: T): T {
    this.#open.push(resource);
    return resource;
  }

  /** Has this done as if it were the closing of something. */
  defer(close: () => Promise<void> | void): void {
    this.#open.push({ [Symbol.asyncDispose]: async () => await close() });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const resource of this.#open.splice(0).reverse()) await resource[Symbol.asyncDispose]();
  }
}

/** Opens what consists of several things: when one can't be opened, those before it are closed. */
export async function opening<T>(open: (stack: AsyncStack) => Promise<T>): Promise<T> {
  const stack = new AsyncStack();
  try {
    return await open(stack);
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}
