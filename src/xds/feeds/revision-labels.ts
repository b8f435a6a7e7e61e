import type { Resource } from "../../model/resource.ts";
import { textOf } from "../body.ts";
import { REVISION_LABEL } from "../protocol.ts";

const label = Buffer.from(REVISION_LABEL);

/**
 * The revisions that resources are labelled with. Each resource is looked at where it is looked at anyway, a few at a time,
 * so that to ask for a client of a revision costs next to nothing however many resources there are.
 */
export class RevisionLabels {
  /** Hardly any resource is labelled. */
  readonly #labelled = new WeakMap<Resource, string>();

  /** Has a resource's label known from now on. */
  look(resource: Resource): void {
    const revision = read(resource);
    if (revision !== undefined) this.#labelled.set(resource, revision);
  }

  /** The revision that a resource is for; `undefined` when it is for all, or was never looked at. */
  of(resource: Resource): string | undefined {
    return this.#labelled.get(resource);
  }
}

function read({ current }: Resource): string | undefined {
  if (current === undefined) return undefined;
  // A search through the bytes is much cheaper than reading them.
  if (!Buffer.from(current.buffer, current.byteOffset, current.byteLength).includes(label)) return undefined;
  return textOf(current, "labels", REVISION_LABEL);
}
