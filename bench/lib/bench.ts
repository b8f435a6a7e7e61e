/** One line of the result: what was measured, and what it is to be. */
export interface Row {
  readonly bench: string;
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What it should reach, for people; nothing fails on it. */
  readonly target: string;
}

/** A benchmark prepares its own inputs in the folder that it is given, and cleans up its processes. */
export interface Bench {
  readonly name: string;
  readonly about: string;
  run(folder: string): Promise<readonly Row[]>;
}
