/** Values in the order in which they came, for a test to await one by one. */
export class Arrivals<T> {
  readonly #values: T[] = [];
  #waiting: (() => void) | undefined;

  add(value: T): void {
    this.#values.push(value);
    this.#waiting?.();
  }

  /** How many came and were not taken. */
  get unread(): number {
    return this.#values.length;
  }

  async next(): Promise<T> {
    while (this.#values.length === 0) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    return this.#values.shift()!;
  }
}

/** Resolves when the condition holds; the event loop turns in between. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
