import type { JsonObject } from "@bufbuild/protobuf";
import { silentObserver } from "../../src/distribution/observer.ts";
import { Pacer } from "../../src/distribution/pacer.ts";
import { hostPort } from "../../src/grpc/address.ts";
import { type GrpcServer, listen } from "../../src/grpc/server.ts";
import { type Clock, systemClock } from "../../src/lib/clock.ts";
import { silentLogger } from "../../src/lib/logger.ts";
import { Turns } from "../../src/lib/turns.ts";
import { makeResource } from "../../src/model/make-resource.ts";
import type { Collection, ResourceName } from "../../src/model/names.ts";
import { formatPlace, type Problem } from "../../src/model/problem.ts";
import { istioCollections } from "../../src/model/registry.ts";
import type { Resource } from "../../src/model/resource.ts";
import { Table } from "../../src/snapshot/table.ts";
import { XdsService } from "../../src/xds/service.ts";
import { TestServer } from "./test-server.ts";
import { SotwClient } from "./xds-client.ts";
import { collectionOf, entry } from "./xds-content.ts";

const registry = istioCollections();
const MESH_CONFIG = "istio/mesh/v1alpha1/MeshConfig" as Collection;

/** The xDS side in one process, beside the MCP side, on one hub: the real transport on the loopback interface. */
export class XdsServer implements AsyncDisposable {
  /** `host:port` of xDS. */
  readonly address: string;
  readonly #mcp: TestServer;
  readonly #service: XdsService;
  readonly #grpc: GrpcServer;
  readonly #problems: Map<Collection, readonly Problem[]>;
  #meshConfig: Table = Table.empty;
  #resources: readonly Resource[] = [];

  private constructor(
    mcp: TestServer,
    service: XdsService,
    grpc: GrpcServer,
    problems: Map<Collection, readonly Problem[]>,
  ) {
    this.#mcp = mcp;
    this.#service = service;
    this.#grpc = grpc;
    this.#problems = problems;
    this.address = grpc.address.kind === "tcp" ? hostPort(grpc.address.host, grpc.address.port) : "";
  }

  /** Starts a server that knows nothing yet. @param clock what it waits for answers by */
  static async start(clock: Clock = systemClock): Promise<XdsServer> {
    const mcp = await TestServer.start();
    const problems = new Map<Collection, readonly Problem[]>();
    const service = new XdsService({
      hub: mcp.hub,
      registry,
      clock,
      turns: new Turns(systemClock),
      pacer: new Pacer(systemClock),
      observer: silentObserver,
      log: silentLogger,
      report: (collection, list) => void problems.set(collection, list),
    });
    const grpc = await listen({
      address: { kind: "tcp", host: "127.0.0.1", port: 0 },
      methods: service.methods,
      log: silentLogger,
      clock: systemClock,
    });
    return new XdsServer(mcp, service, grpc, problems);
  }

  /** `host:port` of MCP. */
  get mcpAddress(): string {
    return this.#mcp.address;
  }

  /** Publishes exactly these resources, in one snapshot that has every collection. */
  publish(...resources: readonly Resource[]): void {
    this.#resources = resources;
    const tables = new Map<Collection, Table>();
    for (const { name, snapshotGroup } of registry.all) {
      if (snapshotGroup !== "default") continue;
      tables.set(name, Table.of(resources.filter(({ collection }) => collection === name)));
    }
    tables.set(MESH_CONFIG, this.#meshConfig);
    this.#mcp.hub.publish("default", tables);
  }

  /** Publishes exactly these ServiceEntries, by name and host. */
  publishEntries(hosts: Readonly<Record<string, string>>): void {
    this.publish(...Object.entries(hosts).map(([name, host]) => entry(name, host)));
  }

  /** Publishes a mesh configuration beside what is published. */
  publishMeshConfig(body: JsonObject): void {
    const parts = { name: "istio-system/meshconfig" as ResourceName, labels: {}, annotations: {} };
    const made = makeResource(registry.get(MESH_CONFIG)!, parts, body, { describe: () => "mesh.yaml:1" });
    if (!made.ok) throw new Error(JSON.stringify(made.issues));
    this.#meshConfig = Table.of([made.value]);
    this.publish(...this.#resources);
  }

  /** Resolves when so many streams are open. */
  async streams(count: number): Promise<void> {
    while (this.#service.sinkCount !== count) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Resolves when the server has heard what was said on a stream of its own that was opened now. */
  async heard(): Promise<void> {
    using client = new SotwClient(this.address);
    client.send({});
    await client.ended();
  }

  /** How many streams subscribe to a kind. */
  subscriptions(kind: string): number {
    return this.#service.subscriptions(collectionOf(kind));
  }

  /** Stops, as a process does that is told to. */
  async stop(): Promise<void> {
    this.#service[Symbol.dispose]();
    await this.#grpc.shutdown(500);
  }

  /** What is held back from istiod, as `place: problem`. */
  reports(): readonly string[] {
    return [...this.#problems.values()]
      .flat()
      .map(({ at, subject, message }) => `${at === undefined ? "" : formatPlace(at)}: ${subject}: ${message}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#mcp[Symbol.asyncDispose]();
  }
}
