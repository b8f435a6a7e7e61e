/** What the same figure was for something that does no more than it must, in the same run. */
interface Floor {
  /** Such as `node:http2`. */
  readonly name: string;
  readonly value: number;
}

/** One line of the result: what was measured, and what it is to be. */
export interface Row {
  readonly bench: string;
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What it should reach, for people; nothing fails on it. With a floor it is meant for the ratio to it. */
  readonly target: string;
  readonly floor?: Floor;
}

/** What the command line said. */
interface BenchOptions {
  /** Whether to take the time that the full measurement needs, where there is a shorter one. */
  readonly long: boolean;
}

/**
 * A benchmark prepares its own inputs in the empty folder that it is given, and cleans up its processes. Each module of
 * `bench/` exports one as `bench`; `bench/run.ts` lists them.
 */
export interface Bench {
  /** What it is called on the command line. */
  readonly name: string;
  /** What is measured, in one line. */
  readonly about: string;
  /** What it needs beside Node; such a bench is run only when it is named. */
  readonly needs?: string;
  run(folder: string, options: BenchOptions): Promise<readonly Row[]>;
}
