import { hostname } from "node:os";
import { GalleyError } from "../../lib/errors.ts";
import type { CollectionRegistry } from "../../model/collections.ts";
import type { XdsNode } from "../../xds/client/request.ts";
import { GENERATOR_KEY, REVISION_KEY } from "../../xds/protocol.ts";
import { MESH_CONFIG_URL } from "../../xds/releases-kinds.ts";
import type { CommandContext } from "../command/command.ts";
import { meantBy } from "./meant-by.ts";
import type { watchOptions } from "./options.ts";
import type { WatchProtocol } from "./protocol.ts";
import { defaultTypes, findTypes, kindOfType, kindsOverXds } from "./types.ts";
import { xdsAdviceOn } from "./xds-advice.ts";
import { watchXds, type XdsPlan } from "./xds-session.ts";

type Context = CommandContext<typeof watchOptions>;

/** Watching as a client of aggregated discovery. @throws GalleyError when what is asked for means nothing */
export function overXds(context: Context, registry: CollectionRegistry): WatchProtocol {
  const { settings, positionals } = context;
  const { delta, asIstiod } = settings.values;
  if (settings.isGiven("incremental") || settings.isGiven("id") || settings.isGiven("annotations")) {
    throw new GalleyError("GLY_VALUE", "--incremental, --id and --annotations are about MCP", {
      hint: "Leave out --xds. Over xDS, --delta asks for deltas and --node-id names the client.",
    });
  }
  if (delta && asIstiod) {
    throw new GalleyError("GLY_VALUE", "istiod never asks for deltas: --delta and --as-istiod exclude each other");
  }
  const words = kindsOverXds(registry);
  const named = positionals.flatMap((word) => meantBy(word, "type", findTypes(word, registry), words));
  const wanted = named.length > 0 ? named : defaultTypes;
  const plan: XdsPlan = {
    node: nodeOf(settings.values, hostname()),
    typeUrls: [...new Set(asIstiod ? [MESH_CONFIG_URL, ...wanted] : wanted)],
    mode: delta ? "delta" : "state",
    dialect: asIstiod ? "istiod" : "standard",
  };
  return {
    noun: "type",
    kindOf: kindOfType,
    advise: (failure, flags) => xdsAdviceOn(failure, flags, plan),
    watch: (session) => watchXds(plan, session),
  };
}

/** Who asks. As istiod it is in the form that istiod itself reads, which serves nobody else. */
function nodeOf({ nodeId, revision, asIstiod }: Context["settings"]["values"], host: string): XdsNode {
  const usualId = asIstiod
    ? `sidecar~127.0.0.1~galley-watch.${host}~${host}.svc.cluster.local`
    : `galley-watch~${host}`;
  return {
    id: nodeId === "" ? usualId : nodeId,
    metadata: {
      ...(asIstiod && { [GENERATOR_KEY]: "api" }),
      ...(revision !== "" && { [REVISION_KEY]: revision }),
    },
  };
}
