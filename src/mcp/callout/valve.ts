/** Holds up whoever pulls messages: between `close` and `open` there is a promise to wait for. */
export class Valve {
  #opened: Promise<void> | undefined;
  #open: (() => void) | undefined;

  /** Resolves when the valve is opened; `undefined` while it is open. */
  get opened(): Promise<void> | undefined {
    return this.#opened;
  }

  close(): void {
    this.#opened ??= new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open?.();
    this.#opened = this.#open = undefined;
  }
}
