import type { Family } from "./instruments.ts";

/** What a label that ran out of room says. */
export const OVERFLOW_LABEL = "other";

/** What a family needs to know of its metric. */
export interface FamilyOptions<Instrument> {
  readonly labels: readonly string[];
  readonly fixed: Readonly<Record<string, string>>;
  /** Label sets kept at most. */
  readonly limit: number;
  /** Turns a value into one of a bounded set. */
  readonly bound: (label: string, value: string) => string;
  readonly create: (labels: Readonly<Record<string, string>>) => Instrument;
}

/** A tree by label values: looking something up makes no text, which would cost more than the counting itself. */
interface Branch<Instrument> {
  readonly children: Map<string, Branch<Instrument>>;
  instrument?: Instrument;
}

/**
 * The label sets of one metric: made on first use, kept for good, never more than `limit` and one for the overflow. So the
 * number of series can be read off the catalogue, whatever sinks and resources there are.
 */
export class BoundedFamily<Instrument> implements Family<Instrument, readonly string[]> {
  readonly #options: FamilyOptions<Instrument>;
  readonly #root: Branch<Instrument> = { children: new Map() };
  readonly #members: Instrument[] = [];
  #overflow: Instrument | undefined;

  constructor(options: FamilyOptions<Instrument>) {
    this.#options = options;
  }

  with(...values: readonly string[]): Instrument {
    const { labels, bound } = this.#options;
    let branch: Branch<Instrument> | undefined = this.#root;
    for (let i = 0; i < labels.length && branch !== undefined; i++) {
      branch = branch.children.get(bound(labels[i]!, values[i]!));
    }
    return branch?.instrument ?? this.#add(labels.map((label, i) => bound(label, values[i]!)));
  }

  *all(): Iterable<Instrument> {
    yield* this.#members;
    if (this.#overflow !== undefined) yield this.#overflow;
  }

  #add(values: readonly string[]): Instrument {
    if (this.#members.length >= this.#options.limit) {
      return (this.#overflow ??= this.#create(values.map(() => OVERFLOW_LABEL)));
    }
    let branch = this.#root;
    for (const value of values) {
      const child: Branch<Instrument> = branch.children.get(value) ?? { children: new Map() };
      branch.children.set(value, child);
      branch = child;
    }
    branch.instrument = this.#create(values);
    this.#members.push(branch.instrument);
    return branch.instrument;
  }

  #create(values: readonly string[]): Instrument {
    const { labels, fixed, create } = this.#options;
    return create({ ...fixed, ...Object.fromEntries(labels.map((label, i) => [label, values[i]!])) });
  }
}
