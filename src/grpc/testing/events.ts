/** Something whose state changes by events, and that a test waits on without sleeping. */
export class Observed {
  readonly #waiting = new Set<() => void>();

  /** Resolves as soon as the condition holds; it is looked at now and after every `changed`. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Says that a condition may have come to hold. */
  changed(): void {
    for (const look of this.#waiting) look();
  }
}
