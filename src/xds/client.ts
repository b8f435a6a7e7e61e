import { clip } from "../serving/view.ts";
import type { Node } from "./node.ts";
import { GENERATOR_KEY, REVISION_KEY } from "./protocol.ts";

/** What decides what a client sees. */
export interface Client {
  /** The revision of istiod that it serves; empty for one that takes everything. */
  readonly revision: string;
  /** Whether it is an istiod that reads its configuration, and not just any ADS client. */
  readonly isIstiod: boolean;
}

export function clientOf({ metadata }: Node): Client {
  // What is clipped is the revision of no resource: labels have up to 63 characters.
  return { revision: clip(metadata.get(REVISION_KEY) ?? ""), isIstiod: metadata.get(GENERATOR_KEY) === "api" };
}
