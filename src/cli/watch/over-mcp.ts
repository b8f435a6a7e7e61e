import { GalleyError } from "../../lib/errors.ts";
import type { CollectionRegistry } from "../../model/collections.ts";
import type { CommandContext } from "../command/command.ts";
import { mcpAdviceOn } from "./advice.ts";
import { defaultCollections, findCollections, kindOfCollection } from "./collections.ts";
import { watchMcp } from "./mcp-session.ts";
import { meantBy } from "./meant-by.ts";
import type { watchOptions } from "./options.ts";
import type { WatchProtocol } from "./protocol.ts";

const xdsFlags = ["delta", "asIstiod", "revision", "nodeId"] as const;

/** Watching as a sink of MCP. @throws GalleyError when what is asked for means nothing */
export function overMcp(
  { settings, positionals }: CommandContext<typeof watchOptions>,
  registry: CollectionRegistry,
): WatchProtocol {
  const { values } = settings;
  if (xdsFlags.some((flag) => settings.isGiven(flag))) {
    throw new GalleyError("GLY_VALUE", "--delta, --as-istiod, --revision and --node-id are about xDS", {
      hint: "Add --xds. Over MCP, --incremental asks for deltas and --id names the sink.",
    });
  }
  const words = registry.all.map((spec) => spec.plural);
  const named = positionals.flatMap((word) => meantBy(word, "collection", findCollections(word, registry), words));
  const plan = {
    node: { id: values.id, annotations: annotationsOf(values.annotations) },
    collections: named.length > 0 ? named : defaultCollections(registry),
    incremental: values.incremental,
    tolerant: named.length === 0,
    registry,
  };
  return {
    noun: "collection",
    kindOf: kindOfCollection(registry),
    advise: mcpAdviceOn,
    watch: (session) => watchMcp(plan, session),
  };
}

function annotationsOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at <= 0)
        throw new GalleyError("GLY_VALUE", `--annotations: ${JSON.stringify(pair)} is not of the form key=value`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
