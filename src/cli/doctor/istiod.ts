import { type Release, releaseOf } from "../../xds/releases.ts";

/** What is known of the istiod that is to be fed. */
export interface Istiod {
  /** Undefined where nothing tells which release it is. */
  readonly release: Release | undefined;
  /** `1.25.3`, as it was given; empty where unknown. */
  readonly version: string;
  /** What told the version: `--istio-version`, `spec.tag`… */
  readonly toldBy: string;
  /** Undefined where unknown. An istiod that was installed without one has the revision `default`. */
  readonly revision: string | undefined;
}

/** A version that names a release of Istio 1: `1.25`, `v1.25.3`, `1.26.0-alpha.1`. Undefined for anything else. */
export function minorOf(version: string): number | undefined {
  const match = /^v?1\.(\d{1,3})(?=$|[.+-])/u.exec(version.trim());
  return match === null ? undefined : Number(match[1]);
}

/** The istiod of a version; one that names no release is unknown. */
export function istiodOf(version: string, toldBy: string, revision: string | undefined): Istiod {
  const minor = minorOf(version);
  if (minor === undefined) return { release: undefined, version: "", toldBy: "", revision };
  return { release: releaseOf(minor), version: version.trim().replace(/^v/u, ""), toldBy, revision };
}

/** Whether something holds of an istiod: surely, surely not, or depending on a release that isn't known. */
export type Holds = "yes" | "no" | "maybe";

/** Asks the table of releases; of an unknown istiod nothing is sure. */
export function holds({ release }: Istiod, predicate: (release: Release) => boolean): Holds {
  if (release === undefined) return "maybe";
  return predicate(release) ? "yes" : "no";
}

/** `istiod 1.25.3`, or `istiod` where the version isn't known. */
export function nameOf({ version }: Istiod): string {
  return version === "" ? "istiod" : `istiod ${version}`;
}
