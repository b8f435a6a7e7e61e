import type { BackoffOptions } from "../../lib/backoff.ts";
import { InMemoryStore } from "../../model/received/store.ts";
import { runXdsClient, type XdsEvent } from "../../xds/client/client.ts";
import type { XdsNode } from "../../xds/client/request.ts";
import type { XdsMode } from "../../xds/client/response.ts";
import type { Dialect } from "../../xds/client/subscriptions.ts";
import { MESH_CONFIG_URL } from "../../xds/releases-kinds.ts";
import type { WatchEvent } from "./notes.ts";
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
  const { address, tls, signal, arrived, wall } = session;
  const store = new InMemoryStore();
  const missing = new Set(typeUrls);
  // istiod's request for it may stay without an answer (docs/spec/xds.md, MeshConfig), so it is waited for only alone.
  if (dialect === "istiod" && typeUrls.length > 1) missing.delete(MESH_CONFIG_URL);
  await runXdsClient({
    address,
    ...(tls !== undefined && { tls }),
    ...(backoff !== undefined && { backoff }),
    node,
    typeUrls,
    incremental: mode === "delta",
    dialect,
    signal,
    apply(change) {
      const { typeUrl, version } = change;
      const first = store.get(typeUrl) === undefined;
      arrived({ subject: typeUrl, version, effects: store.apply(change), first, at: wall() });
      if (missing.delete(typeUrl) && missing.size === 0) session.complete();
    },
    onEvent(event) {
      const told = toldOf(event);
      if (told !== undefined) session.note(told);
    },
  });
  return { kind: "stopped", missing: [...missing] };
}

/** What of it is worth telling; nothing of what goes as it should. */
function toldOf(event: XdsEvent): WatchEvent | undefined {
  switch (event.kind) {
    case "connected":
      return { kind: "connected" };
    case "disconnected":
      return event;
    case "nacked":
      return { kind: "nacked", subject: event.typeUrl, message: event.message };
    case "unasked":
      return { kind: "unasked", subject: event.typeUrl };
    case "acked":
    case "connecting":
      return undefined;
  }
}
