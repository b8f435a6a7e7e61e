import type { BackoffOptions } from "../../lib/backoff.ts";
import { InMemoryStore } from "../../model/received/store.ts";
import { runXdsClient } from "../../xds/client/client.ts";
import type { XdsNode } from "../../xds/client/request.ts";
import type { XdsMode } from "../../xds/client/response.ts";
import type { Dialect } from "../../xds/client/subscriptions.ts";
import { MESH_CONFIG_URL } from "../../xds/releases-kinds.ts";
import { followedBy } from "./followed.ts";
import type { Session, WatchEnd } from "./session.ts";

/** What is watched, and as whom. */
export interface XdsPlan {
  readonly node: XdsNode;
  readonly typeUrls: readonly string[];
  readonly mode: XdsMode;
  readonly dialect: Dialect;
  readonly backoff?: BackoffOptions;
}

/** Watches as a client of aggregated discovery until stopped; reconnects with growing delays. */
export async function watchXds(plan: XdsPlan, session: Session): Promise<WatchEnd> {
  const { node, typeUrls, mode, dialect, backoff } = plan;
  const missing = new Set(typeUrls);
  // istiod's request for it may stay without an answer (docs/spec/xds.md, MeshConfig), so it is waited for only alone.
  if (dialect === "istiod" && typeUrls.length > 1) missing.delete(MESH_CONFIG_URL);
  await runXdsClient({
    ...followedBy(session, new InMemoryStore(), missing),
    ...(backoff !== undefined && { backoff }),
    node,
    typeUrls,
    incremental: mode === "delta",
    dialect,
  });
  return { kind: "stopped", missing: [...missing] };
}
