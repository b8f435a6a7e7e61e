import type { Resource } from "../../src/model/resource.ts";
import type { Istiod } from "../istiod/istiod.ts";
import { resource } from "./xds-content.ts";
import type { XdsServer } from "./xds-server.ts";

let marks = 0;

/**
 * Publishes this with a mark, a Sidecar that each of these istiods can see. Resolves when they hold it, or hang, and nothing
 * more comes while others talk to the server again and again.
 */
export async function settle(
  server: XdsServer,
  istiods: readonly Istiod[],
  ...resources: readonly Resource[]
): Promise<void> {
  const mark = resource("Sidecar", "mark/mark", { labels: { mark: `m${++marks}` } });
  server.publish(...resources, mark);
  for (const istiod of istiods) {
    await istiod.until(() => istiod.hung || istiod.store.of("Sidecar").get("mark/mark")?.version === mark.version);
  }
  const count = (): number => istiods.reduce((sum, { arrivals }) => sum + arrivals.length, 0);
  for (let calm = 0, before = count(); calm < 3; calm++, before = count()) {
    await server.heard();
    if (count() !== before) calm = -1;
  }
}
