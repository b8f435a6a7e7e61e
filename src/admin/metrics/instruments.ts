/** Only ever grows. */
export interface Counter {
  /** @param by 1 unless told; never negative. */
  inc(by?: number): void;
  /** From now on the value is asked for when the metrics are read; it must not shrink. */
  readFrom(read: () => number): void;
}

/** Goes up and down. */
export interface Gauge {
  set(value: number): void;
  add(by: number): void;
  /** From now on the value is asked for when the metrics are read. */
  readFrom(read: () => number): void;
}

export interface Histogram {
  observe(value: number): void;
}

/** All series of one metric. `with` takes the label values in the order of the catalogue and always gives the same one. */
export interface Family<Instrument, Labels extends readonly string[]> {
  with(...values: { readonly [Index in keyof Labels]: string }): Instrument;
}

/** A label set and its value. Counting is one addition: the Prometheus client sees the value only when it is scraped. */
export class Cell implements Counter, Gauge {
  readonly labels: Readonly<Record<string, string>>;
  #value = 0;
  #read: (() => number) | undefined;

  constructor(labels: Readonly<Record<string, string>>) {
    this.labels = labels;
  }

  get value(): number {
    return this.#read?.() ?? this.#value;
  }

  inc(by = 1): void {
    if (!(by >= 0)) throw new RangeError(`a counter can't go down (by ${by})`);
    this.#value += by;
  }

  add(by: number): void {
    this.#value += by;
  }

  set(value: number): void {
    this.#value = value;
  }

  readFrom(read: () => number): void {
    this.#read = read;
  }
}
