import { istioBodies } from "../../mcp/sink/bodies.ts";
import { runSink } from "../../mcp/sink/client.ts";
import type { SinkNode } from "../../mcp/sink/requests.ts";
import { InMemoryStore } from "../../model/received/store.ts";
import { UnsupportedCollectionError } from "../../mcp/sink/unsupported.ts";
import type { CollectionRegistry } from "../../model/collections.ts";
import { followedBy } from "./followed.ts";
import type { Session, WatchEnd } from "./session.ts";

/** What is watched, and as whom. */
export interface McpPlan {
  readonly node: SinkNode;
  readonly collections: readonly string[];
  readonly incremental: boolean;
  /** Whether a collection that the source does not serve is left out, instead of ending the watch. */
  readonly tolerant: boolean;
  readonly registry: CollectionRegistry;
}

/** Watches as a sink of MCP until stopped, and leaves out what the source does not serve if that is tolerated. */
export async function watchMcp(plan: McpPlan, session: Session): Promise<WatchEnd> {
  const store = new InMemoryStore();
  let collections = plan.collections;
  for (;;) {
    const end = await watchThese({ ...plan, collections }, session, store);
    if (end.kind === "stopped" || !plan.tolerant) return end;
    collections = collections.filter((collection) => collection !== end.collection);
  }
}

async function watchThese(plan: McpPlan, session: Session, store: InMemoryStore): Promise<WatchEnd> {
  const { node, collections, incremental, registry } = plan;
  const missing = new Set(collections.filter((collection) => store.get(collection) === undefined));
  try {
    await runSink({
      ...followedBy(session, store, missing),
      node,
      collections,
      incremental,
      held: store.versions,
      bodies: istioBodies(registry),
    });
    return { kind: "stopped", missing: [...missing] };
  } catch (error) {
    if (error instanceof UnsupportedCollectionError) return { kind: "unsupported", collection: error.collection };
    throw error;
  }
}
