import { moduleFile } from "../../../lib/program.ts";
import type { CollectionRegistry } from "../../../model/collections.ts";
import type { LoadedDecode } from "../options.ts";
import type { Recipe } from "./messages.ts";

/** How a file source decodes Istio's kinds, here and in other threads. Nothing of it is loaded before there is a document. */
export function istioDecoding(served: CollectionRegistry): { readonly decode: LoadedDecode; readonly recipe: Recipe } {
  const argument = served.all.map((spec) => spec.name);
  const module = moduleFile("sources/fs/workers/istio").href;
  return {
    decode: { load: async () => (await import("./istio.ts")).createDecode(argument) },
    recipe: { module, argument },
  };
}
