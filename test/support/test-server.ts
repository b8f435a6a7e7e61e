import { hostPort } from "../../src/grpc/address.ts";
import type { GrpcServer } from "../../src/grpc/server.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLogger } from "../../src/lib/logger.ts";
import { VERSION_HEADER } from "../../src/mcp/protocol.ts";
import type { SourceService } from "../../src/mcp/source-service.ts";
import type { Collection } from "../../src/model/names.ts";
import { istioCollections } from "../../src/model/registry.ts";
import { openListener } from "../../src/server/listener.ts";
import { createServingPath, type ServingPath, type ServingPathOptions } from "../../src/server/serving-path.ts";
import type { Hub } from "../../src/snapshot/hub.ts";
import { Table } from "../../src/snapshot/table.ts";
import { makeResource } from "./resources.ts";

export const A = "istio/networking/v1alpha3/gateways" as Collection;
export const B = "istio/networking/v1alpha3/virtualservices" as Collection;
export const C = "istio/networking/v1alpha3/serviceentries" as Collection;
export const SYNTHETIC = "istio/networking/v1alpha3/synthetic/serviceentries" as Collection;
/** Always published and always empty: an answer to it proves that nothing else was due before. */
export const FENCE = "istio/config/v1alpha2/adapters" as Collection;

/** Content to publish: `{collection: {name: version}}`. */
export type Content = Record<string, Record<string, string>>;

/** The serving path in one process, on the real transport on loopback, with nothing to read: a test publishes by itself. */
export class TestServer implements AsyncDisposable {
  readonly path: ServingPath;
  readonly hub: Hub;
  readonly service: SourceService;
  readonly grpc: GrpcServer;
  readonly address: string;

  private constructor(path: ServingPath, grpc: GrpcServer) {
    this.path = path;
    this.hub = path.hub;
    this.service = path.streams.mcp;
    this.grpc = grpc;
    this.address =
      grpc.address.kind === "tcp" ? hostPort(grpc.address.host, grpc.address.port) : `unix:${grpc.address.path}`;
  }

  static async start(options: Pick<ServingPathOptions, "mcp" | "xds" | "largePushBytes"> = {}): Promise<TestServer> {
    const path = createServingPath({
      sources: [],
      registry: istioCollections(),
      clock: systemClock,
      log: silentLogger,
      ...options,
      mcp: { headers: [[VERSION_HEADER, "test-build"]], ...options.mcp },
    });
    const address = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;
    const grpc = await openListener(path, { protocols: "all", address, log: silentLogger });
    path.pipeline.start();
    return new TestServer(path, grpc);
  }

  /** Publishes exactly this content, and the empty fence. */
  publish(content: Content): void {
    this.hub.publish("default", new Map([[FENCE, Table.empty], ...tables(content)]));
  }

  publishSynthetic(content: Content): void {
    this.hub.publish("syntheticServiceEntry", new Map(tables(content)));
  }

  /** Resolves when so many sinks are connected. */
  async sinks(count: number): Promise<void> {
    while (this.path.streams.sinkCount !== count) await new Promise((resolve) => setImmediate(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.grpc.shutdown(500);
    await this.path.pipeline[Symbol.asyncDispose]();
    await this.path.streams[Symbol.asyncDispose]();
  }
}

function tables(content: Content): [Collection, Table][] {
  return Object.entries(content).map(([collection, resources]) => [
    collection as Collection,
    Table.of(Object.entries(resources).map(([name, version]) => makeResource(collection, name, version))),
  ]);
}
