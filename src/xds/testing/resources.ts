import type { CollectionSpec } from "../../model/collections.ts";
import { makeResource } from "../../model/make-resource.ts";
import type { ResourceName } from "../../model/names.ts";
import { istioCollections } from "../../model/registry.ts";
import type { Resource } from "../../model/resource.ts";

/** What of a resource matters to a test. */
interface Parts {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** A host of the ServiceEntry. */
  readonly body?: string;
}

export const serviceEntries: CollectionSpec = istioCollections().forKind("networking.istio.io", "ServiceEntry")!;

/** A ServiceEntry as the file source would make it. */
export function currentResource(name: string, { labels = {}, annotations = {}, body = "" }: Parts = {}): Resource {
  const parts = { name: name as ResourceName, labels, annotations };
  const made = makeResource(serviceEntries, parts, { hosts: [body] }, { describe: () => `mesh/${name}.yaml:1` });
  if (!made.ok) throw new Error(JSON.stringify(made.issues));
  return made.value;
}
