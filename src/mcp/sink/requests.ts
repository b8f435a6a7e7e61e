import { create, toBinary } from "@bufbuild/protobuf";
import type { Refusal } from "../../model/received/refusal.ts";
import { RequestResourcesSchema, SinkNodeSchema } from "../../wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";

/** How a sink names itself to sources; not authenticated. */
export interface SinkNode {
  readonly id: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** One request of a sink: it asks (no nonce), acknowledges, or refuses (`error`). */
export interface SinkRequest {
  readonly collection: string;
  readonly nonce: string;
  readonly incremental: boolean;
  /** Names and versions that the sink holds; empty on all but the first request of a stream. */
  readonly held: ReadonlyMap<string, string>;
  readonly error: Refusal | undefined;
}

/** The request as `istio.mcp.v1alpha1.RequestResources`. The node is part of each one, as sources of 1.3 are used to. */
export function encodeRequest(
  node: SinkNode,
  { collection, nonce, incremental, held, error }: SinkRequest,
): Uint8Array {
  return toBinary(
    RequestResourcesSchema,
    create(RequestResourcesSchema, {
      sinkNode: create(SinkNodeSchema, { id: node.id, annotations: { ...node.annotations } }),
      collection,
      responseNonce: nonce,
      incremental,
      initialResourceVersions: Object.fromEntries(held),
      ...(error === undefined ? {} : { errorDetail: error }),
    }),
  );
}
