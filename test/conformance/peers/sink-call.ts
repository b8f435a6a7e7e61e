import type { RequestResources } from "../../../src/wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import type { ScriptedServer, ServerCall } from "./grpc-server.ts";
import { readRequest } from "./messages.ts";

/** A sink's next stream with its first request, for a sink of one collection. */
export async function accept(source: ScriptedServer): Promise<{ call: ServerCall; first: RequestResources }> {
  const call = await source.next();
  call.sendHeaders({ "config.source.version": "scripted" });
  return { call, first: await answer(call) };
}

/** The next request of a sink. */
export async function answer(call: ServerCall): Promise<RequestResources> {
  return readRequest(await call.arrived.next());
}
