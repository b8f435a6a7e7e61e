import { systemClock } from "../../src/lib/clock.ts";
import { type Logger, silentLogger } from "../../src/lib/logger.ts";
import type { BucketOptions } from "../../src/lib/token-bucket.ts";
import { Turns } from "../../src/lib/turns.ts";
import { Pacer } from "../../src/distribution/pacer.ts";
import { silentObserver, type DistributionObserver } from "../../src/distribution/observer.ts";
import { hostPort } from "../../src/grpc/address.ts";
import { listen, type GrpcServer } from "../../src/grpc/server.ts";
import { VERSION_HEADER } from "../../src/mcp/protocol.ts";
import { ResponseEncoder } from "../../src/mcp/response.ts";
import { SourceService } from "../../src/mcp/source-service.ts";
import type { Collection } from "../../src/model/names.ts";
import { istioCollections } from "../../src/model/registry.ts";
import { Hub } from "../../src/snapshot/hub.ts";
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

export interface TestServerOptions {
  readonly limit?: BucketOptions;
  readonly deltas?: boolean;
  readonly observer?: DistributionObserver;
  readonly log?: Logger;
  readonly largePushBytes?: number;
}

/** The serving path in one process: hub, source service and the real transport on loopback. */
export class TestServer implements AsyncDisposable {
  readonly hub: Hub;
  readonly service: SourceService;
  readonly grpc: GrpcServer;
  readonly address: string;

  private constructor(hub: Hub, service: SourceService, grpc: GrpcServer) {
    this.hub = hub;
    this.service = service;
    this.grpc = grpc;
    this.address =
      grpc.address.kind === "tcp" ? hostPort(grpc.address.host, grpc.address.port) : `unix:${grpc.address.path}`;
  }

  static async start(options: TestServerOptions = {}): Promise<TestServer> {
    const registry = istioCollections();
    const hub = new Hub((collection) => registry.get(collection)?.snapshotGroup ?? "default");
    const encoder = new ResponseEncoder((collection) => registry.get(collection)!.mcp);
    const service = new SourceService({
      hub,
      registry,
      clock: systemClock,
      turns: new Turns(systemClock),
      pacer: new Pacer(systemClock),
      encode: (feed, push) => encoder.encode(feed, push),
      observer: silentObserver,
      log: silentLogger,
      headers: [[VERSION_HEADER, "test-build"]],
      ...options,
    });
    const grpc = await listen({
      address: { kind: "tcp", host: "127.0.0.1", port: 0 },
      methods: [service.method],
      log: silentLogger,
      clock: systemClock,
    });
    return new TestServer(hub, service, grpc);
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
    while (this.service.sinkCount !== count) await new Promise((resolve) => setImmediate(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.grpc.shutdown(500);
  }
}

function tables(content: Content): [Collection, Table][] {
  return Object.entries(content).map(([collection, resources]) => [
    collection as Collection,
    Table.of(Object.entries(resources).map(([name, version]) => makeResource(collection, name, version))),
  ]);
}
