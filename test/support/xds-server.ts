import type { JsonObject } from "@bufbuild/protobuf";
import { type Clock, systemClock } from "../../src/lib/clock.ts";
import { makeResource } from "../../src/model/make-resource.ts";
import type { Collection, ResourceName } from "../../src/model/names.ts";
import { formatPlace } from "../../src/model/problem.ts";
import { istioCollections } from "../../src/model/registry.ts";
import type { Resource } from "../../src/model/resource.ts";
import type { SinkView } from "../../src/serving/view.ts";
import { Table } from "../../src/snapshot/table.ts";
import { TestServer } from "./test-server.ts";
import { SotwClient } from "./xds-client.ts";
import { collectionOf, entry } from "./xds-content.ts";

const registry = istioCollections();
const MESH_CONFIG = "istio/mesh/v1alpha1/MeshConfig" as Collection;

/** The serving path in one process, as clients over xDS see it: on the real transport on the loopback interface. */
export class XdsServer implements AsyncDisposable {
  readonly #server: TestServer;
  #meshConfig: Table = Table.empty;
  #resources: readonly Resource[] = [];

  private constructor(server: TestServer) {
    this.#server = server;
  }

  /** Starts a server that knows nothing yet. @param clock what it waits for answers by */
  static async start(clock: Clock = systemClock): Promise<XdsServer> {
    return new XdsServer(await TestServer.start({ xds: { clock } }));
  }

  /** `host:port`, of xDS and of MCP. */
  get address(): string {
    return this.#server.address;
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
    this.#server.hub.publish("default", tables);
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
    await this.#server.sinks(count);
  }

  /** Resolves when the server has heard what was said on a stream of its own that was opened now. */
  async heard(): Promise<void> {
    using client = new SotwClient(this.address);
    client.send({});
    await client.ended();
  }

  /** The open streams, as people are shown them. */
  sinks(): readonly SinkView[] {
    return this.#server.path.streams.xds.sinkLists().flatMap((list) => [...list]);
  }

  /** How many streams subscribe to a kind. */
  subscriptions(kind: string): number {
    return this.#server.path.streams.xds.subscriptions(collectionOf(kind));
  }

  /** Stops, as a process does that is told to. */
  async stop(): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  /** What is held back from istiod, as `place: problem`. */
  reports(): readonly string[] {
    return this.#server.path.pipeline.problems
      .list()
      .map(({ at, subject, message }) => `${at === undefined ? "" : formatPlace(at)}: ${subject}: ${message}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
