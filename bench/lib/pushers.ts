import type { BareAbilities, BarePlan } from "../processes/bare-http2.ts";
import type { GalleyAbilities, ServePlan } from "../processes/galley.ts";
import type { GrpcJsAbilities } from "../processes/grpc-js.ts";
import type { Pusher } from "./fan-out.ts";
import { Remote } from "./remote.ts";

/** Has a process run what is built, not what is written. */
export const shipped: string = `--import=${new URL("shipped.mjs", import.meta.url).href}`;

/** The serving path of this project as it is built, in a process of its own, fed by a source in memory. */
export async function galley(plan: ServePlan): Promise<Pusher & { readonly remote: Remote<GalleyAbilities> }> {
  const flags = ["--expose-gc", shipped];
  const remote = new Remote<GalleyAbilities>(new URL("../processes/galley.ts", import.meta.url), flags);
  const port = await remote.ask("serve", plan);
  return { ...pusher(remote, port), remote };
}

/** The floor: the same bytes over bare `node:http2`. */
export async function bareHttp2(plan: BarePlan): Promise<Pusher> {
  const remote = new Remote<BareAbilities>(new URL("../processes/bare-http2.ts", import.meta.url), ["--expose-gc"]);
  return pusher(remote, await remote.ask("serve", plan));
}

/** The peer: the same bytes over a server of `@grpc/grpc-js`. */
export async function grpcJs(collection: string, bytes: number): Promise<Pusher> {
  const remote = new Remote<GrpcJsAbilities>(new URL("../processes/grpc-js.ts", import.meta.url), ["--expose-gc"]);
  return pusher(remote, await remote.ask("serve", { collection, bytes }));
}

function pusher(remote: Remote<Pick<BareAbilities, "push" | "spent">>, port: number): Pusher {
  return {
    port,
    push: () => remote.ask("push", undefined),
    spent: () => remote.ask("spent", undefined),
    end: () => remote.end(),
  };
}
