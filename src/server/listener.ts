import { Guard } from "../grpc/access/guard.ts";
import { allowed } from "../grpc/access/list.ts";
import { type GrpcServer, listen, type ListenOptions } from "../grpc/server.ts";
import { reflected } from "./reflected.ts";
import type { ServingPath } from "./serving-path.ts";

export interface ListenerOptions extends Omit<ListenOptions, "methods" | "clock" | "mayBeServed"> {
  /** What is served here: every protocol, or xDS alone to clients that can't say who they are. */
  readonly protocols: "all" | "xds";
  /** Stands before the methods that give configuration. Without it everybody is served, at the usual pace. */
  readonly guard?: Pick<Guard, "wrap" | "mayBeServed">;
}

/** How long streams have to end by themselves when a server stops, milliseconds: with what follows, it takes less than 5 s. */
export const SHUTDOWN_MS = 4000;

/** Serves what a serving path offers at an address. @throws Error as `listen` does */
export async function openListener(path: ServingPath, options: ListenerOptions): Promise<GrpcServer> {
  const { streams, health, registry, clock } = path;
  const { protocols, guard = new Guard({ judge: () => allowed, clock, log: options.log }), ...rest } = options;
  const methods = protocols === "all" ? streams.methods : streams.xds.methods;
  return await listen({
    ...rest,
    clock,
    mayBeServed: (peer) => guard.mayBeServed(peer),
    methods: [
      ...methods.map((method) => guard.wrap(method)),
      // Health and reflection tell nothing of the configuration: they are there for whoever gets as far as this.
      ...health.methods,
      ...reflected(protocols, registry),
    ],
  });
}
