import type { Kind } from "./kinds.ts";
import { kindsOf } from "./kinds.ts";

/** The releases of istiod whose behaviour towards a source of configuration differs. */
const releaseNames = ["1.9", "1.10", "1.11", "1.12", "1.13", "1.14–1.23", "1.24–1.29", "1.30"] as const;

type ReleaseName = (typeof releaseNames)[number] | "1.8";

/** How one release of istiod reads its configuration. */
export interface Release {
  readonly name: ReleaseName;
  /** What it asks for after the mesh configuration, in this order. */
  readonly kinds: readonly Kind[];
  /**
   * `once a type`: it notes each type's first answer in a channel that nobody reads and that has one slot for each kind, and
   * hangs for good when there is none left. `every answer`: the same, but each answer takes a slot. `pinned`: it offers each answer to a channel of 100 slots that nobody reads.
   */
  readonly channel: "every answer" | "once a type" | "pinned";
  /** Largest message that it takes, bytes; a larger one ends the stream. */
  readonly maxMessageBytes: number;
  /** Whether it serves its own clients only after every kind was answered. */
  readonly waitsForSync: boolean;
  /** Whether an unchanged version means that there is nothing to do; else every answer updates every object. */
  readonly comparesVersions: boolean;
  /** Whether what is missing in an answer is deleted. */
  readonly handlesDeletes: boolean;
  /** Whether it tells its revision, and drops what is labelled for another. */
  readonly knowsRevisions: boolean;
}

const MIB = 1 << 20;

function release(name: ReleaseName): Release {
  const minor = minorOf(name);
  return {
    name,
    kinds: kindsOf(minor),
    channel: minor <= 8 ? "every answer" : minor <= 11 ? "once a type" : "pinned",
    handlesDeletes: minor >= 9,
    maxMessageBytes: minor <= 11 ? 4 * MIB : 2 ** 31 - 1,
    waitsForSync: minor >= 12,
    comparesVersions: minor >= 12,
    knowsRevisions: minor >= 13,
  };
}

/** `9` of `1.9`; the first one of a range. */
function minorOf(name: ReleaseName): number {
  return Number(/^1\.(\d+)/.exec(name)![1]);
}

/** The first that reads xds:// in earnest, and the last that no server can keep current: it hangs at the twelfth answer. */
export const firstRelease: Release = release("1.8");

/** Every release that can be kept current, oldest first. */
export const releases: readonly Release[] = releaseNames.map(release);

/** The release of that name. */
export function releaseOf(name: (typeof releaseNames)[number]): Release {
  return releases[releaseNames.indexOf(name)]!;
}
