import type { Severity } from "../../model/problem.ts";

/** The code of what stands in a list for those that it has no room for. */
export const MORE_PROBLEMS = "more-problems";

/** What was left out of a list, by severity. */
export type LeftOut = Readonly<Record<Severity, number>>;

/** A list with room for so many: of all that is added it has the worst, in the order in which they came, and counts the rest. */
export class Worst<T extends { readonly severity: Severity }> {
  readonly #most: number;
  readonly #listed: T[] = [];
  readonly #counts = { error: 0, warning: 0, info: 0 };
  readonly #leftOut = { error: 0, warning: 0, info: 0 };

  constructor(most: number) {
    this.#most = most;
  }

  /** `make` is called only if there is room. */
  add(severity: Severity, make: () => T): void {
    if (this.#listed.length === this.#most && !this.#makeRoomFor(severity)) {
      this.#leftOut[severity]++;
      return;
    }
    this.#listed.push(make());
    this.#counts[severity]++;
  }

  get listed(): readonly T[] {
    return this.#listed;
  }

  get leftOut(): LeftOut {
    return this.#leftOut;
  }

  /** Takes out the last of the mildest, if that is milder; whether it did. */
  #makeRoomFor(severity: Severity): boolean {
    const mildest = mildestFirst.find((other) => this.#counts[other] > 0);
    if (mildest === undefined || mildestFirst.indexOf(mildest) >= mildestFirst.indexOf(severity)) return false;
    this.#listed.splice(
      this.#listed.findLastIndex((entry) => entry.severity === mildest),
      1,
    );
    this.#counts[mildest]--;
    this.#leftOut[mildest]++;
    return true;
  }
}

/** What a list says of those that are not in it: as bad as the worst of them. `undefined` when it has all. */
export function summaryOf(leftOut: LeftOut, whole: string): { severity: Severity; message: string } | undefined {
  const severity = mildestFirst.findLast((each) => leftOut[each] > 0);
  if (severity === undefined) return undefined;
  const counts = mildestFirst.flatMap((each) => (leftOut[each] > 0 ? [counted(leftOut[each], each)] : [])).toReversed();
  const all = leftOut.error + leftOut.warning + leftOut.info;
  const more = all === 1 ? "1 more problem" : `${all} more problems`;
  return { severity, message: `${whole} has ${more} (${counts.join(", ")}); mend those that are listed to see them` };
}

const mildestFirst = ["info", "warning", "error"] as const;

const words = { error: "error", warning: "warning", info: "note" } as const;

function counted(count: number, severity: Severity): string {
  return `${count} ${words[severity]}${count === 1 ? "" : "s"}`;
}
