/**
 * What was found wrong. Findings are written down, not thrown: whoever threw them out of a callback of the server would
 * test how the server deals with exceptions instead.
 */
export class Findings {
  readonly #found: string[] = [];
  readonly #met: Map<string, number>;

  /** @param met counts what schedules come across, so that a test knows that they come across it */
  constructor(met: Map<string, number> = new Map()) {
    this.#met = met;
  }

  check(holds: boolean, otherwise: string): void {
    if (!holds) this.#found.push(otherwise);
  }

  met(what: string): void {
    this.#met.set(what, (this.#met.get(what) ?? 0) + 1);
  }

  /** The first thing that was found. */
  get first(): string | undefined {
    return this.#found[0];
  }
}
