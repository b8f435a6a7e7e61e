import type { CollectionRegistry, CollectionSpec } from "../../model/collections.ts";

/** What Galley would serve, as far as it matters to an istiod. */
export interface Configuration {
  /** A folder, or the Galley that holds it. */
  readonly from: string;
  /** Whether sizes are reckoned from a part of the resources. */
  readonly isEstimate: boolean;
  /** Kinds of which there is at least one resource, in the order of their names. */
  readonly kinds: readonly KindSize[];
  /** Resources with a label istio.io/rev, by what it says; undefined where labels weren't looked at. */
  readonly revisions: ReadonlyMap<string, Sample> | undefined;
  /** Resources that Galley holds back from clients over xDS, by the code of the reason: istiod would drop them. */
  readonly heldBack: ReadonlyMap<string, Sample>;
  /** What is wrong with the documents themselves, so that they aren't served as written; the first is quoted. */
  readonly errors: Sample;
}

/** How many there are, and one of them for people. */
export interface Sample {
  readonly count: number;
  readonly example: string;
}

/** All resources of a kind. */
export interface KindSize {
  readonly spec: CollectionSpec;
  readonly count: number;
  /** Bytes of a response with all of them. */
  readonly bytes: number;
}

export const noSample: Sample = { count: 0, example: "" };

/** One more of something; the first stays the example. */
export function addTo(sample: Sample, example: string): Sample {
  return { count: sample.count + 1, example: sample.count === 0 ? example : sample.example };
}

/** Bytes of a response beside its resources: its version, type URL and nonce, generously. */
const ENVELOPE_BYTES = 256;
/** Bytes that carry a resource in a response: `Any`, with the name of its type, and two lengths. */
const WRAPPING_BYTES = 58;

/** Bytes of a response that carries so many resources, of so many bytes together. */
export function responseBytes(count: number, bytes: number): number {
  return ENVELOPE_BYTES + count * WRAPPING_BYTES + bytes;
}

/** Whether any istiod that speaks xDS is fed this kind. */
export function isFedToIstiod(spec: CollectionSpec): boolean {
  return spec.kind !== "" && !spec.generated && spec.generations.includes("current");
}

/** The collection of a type URL such as `networking.istio.io/v1/Gateway`; undefined for a kind that Galley doesn't hold. */
export function collectionOf(typeUrl: string, registry: CollectionRegistry): CollectionSpec | undefined {
  const [group = "", , kind = ""] = typeUrl.split("/");
  return registry.forKind(group, kind);
}
