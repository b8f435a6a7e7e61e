import type { Cancel, Clock } from "../lib/clock.ts";

/** What is looked at on a round. */
export interface Looked {
  look(): void;
}

/** How often it is, milliseconds. */
const ROUND_MS = 1000;

/** Connections that are looked at in a row before all else has its turn: to ask Node how much one has read takes half a microsecond. */
const IN_A_ROW = 256;

/** Goes round all connections once a second, as long as there are any. */
export class Rounds {
  readonly #clock: Clock;
  readonly #connections: ReadonlySet<Looked>;
  #cancel: Cancel | undefined;

  constructor(clock: Clock, connections: ReadonlySet<Looked>) {
    this.#clock = clock;
    this.#connections = connections;
  }

  /** A connection has come or gone. */
  settle(): void {
    if (this.#connections.size > 0) this.#cancel ??= this.#clock.schedule(ROUND_MS, () => this.#go());
    else {
      this.#cancel?.();
      this.#cancel = undefined;
    }
  }

  #go(): void {
    this.#cancel = undefined;
    this.settle();
    this.#look(this.#connections.values());
  }

  #look(rest: Iterator<Looked>): void {
    for (let count = 0; count < IN_A_ROW; count++) {
      const next = rest.next();
      if (next.done === true) return;
      next.value.look();
    }
    this.#clock.defer(() => this.#look(rest));
  }
}
