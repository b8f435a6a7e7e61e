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
  return { revision: metadata.get(REVISION_KEY) ?? "", isIstiod: metadata.get(GENERATOR_KEY) === "api" };
}
