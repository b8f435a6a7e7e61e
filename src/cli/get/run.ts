import { GalleyError } from "../../lib/errors.ts";
import { istioCollections } from "../../model/registry.ts";
import type { CommandContext } from "../command/command.ts";
import { exitStatus } from "../errors/print.ts";
import { parseAdmin } from "../status/address.ts";
import { AdminApi } from "../status/admin-api.ts";
import { meantCollections } from "./collections.ts";
import type { getOptions } from "./command.ts";
import { printList } from "./print-list.ts";
import { printOne } from "./print-one.ts";

/** What `galley get` does. */
export async function runGet({ settings, positionals, io, env }: CommandContext<typeof getOptions>): Promise<number> {
  const { admin, output, namespace } = settings.values;
  const [word = "", name] = positionals;
  const registry = istioCollections();
  const collections = meantCollections(word, registry);
  using api = new AdminApi(parseAdmin(admin));
  const task = { api, registry, io, env, namespace };
  if (name === undefined) {
    await printList(task, output || "table", collections);
    return exitStatus.ok;
  }
  if (collections.length > 1) {
    throw new GalleyError("GLY_ARGUMENT", `${JSON.stringify(word)} is several collections, and a name is of one`);
  }
  if (namespace !== "" && name.includes("/")) {
    throw new GalleyError("GLY_ARGUMENT", `${JSON.stringify(name)} names its namespace already`, {
      hint: "leave out --namespace, or the part of the name before the slash",
    });
  }
  return await printOne(task, output || "yaml", collections[0]!, namespace === "" ? name : `${namespace}/${name}`);
}
