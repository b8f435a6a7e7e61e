import { silentObserver } from "../../src/distribution/observer.ts";
import { Pacer } from "../../src/distribution/pacer.ts";
import { hostPort } from "../../src/grpc/address.ts";
import { listen } from "../../src/grpc/server.ts";
import type { TlsSettings } from "../../src/grpc/tls.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLogger } from "../../src/lib/logger.ts";
import { Turns } from "../../src/lib/turns.ts";
import { type CallOut, callOut } from "../../src/mcp/callout/callout.ts";
import { VERSION_HEADER } from "../../src/mcp/protocol.ts";
import { ResponseEncoder } from "../../src/mcp/response.ts";
import { SourceService, type SourceServiceDeps } from "../../src/mcp/source-service.ts";
import type { Collection } from "../../src/model/names.ts";
import { decodeDocument } from "../../src/model/decode.ts";
import { istioCollections } from "../../src/model/registry.ts";
import type { Resource } from "../../src/model/resource.ts";
import { Hub } from "../../src/snapshot/hub.ts";
import { Table } from "../../src/snapshot/table.ts";

const registry = istioCollections();

/** A source with documents of the test's own, on the real transport. */
export class ExampleSource {
  readonly #deps: SourceServiceDeps;

  constructor() {
    const encoder = new ResponseEncoder((collection) => registry.get(collection)!.mcp);
    this.#deps = {
      hub: new Hub((collection) => registry.get(collection)?.snapshotGroup ?? "default"),
      registry,
      clock: systemClock,
      turns: new Turns(systemClock),
      pacer: new Pacer(systemClock),
      encode: (feed, push) => encoder.encode(feed, push),
      observer: silentObserver,
      log: silentLogger,
      headers: [[VERSION_HEADER, "example"]],
    };
  }

  /** Publishes exactly these documents; every collection is there, most are empty. */
  publish(...documents: readonly unknown[]): void {
    const resources = new Map<Collection, Resource[]>(registry.all.map((spec) => [spec.name, []]));
    for (const document of documents) {
      const decoded = decodeDocument(document, registry, { describe: () => "example" });
      if (!decoded.ok || decoded.value === undefined) throw new Error(JSON.stringify(decoded.issues));
      resources.get(decoded.value.collection)!.push(decoded.value);
    }
    this.#deps.hub.publish("default", new Map([...resources].map(([name, list]) => [name, Table.of(list)])));
  }

  /** Listens for sinks on loopback. */
  async serve({ port = 0, tls }: { port?: number; tls?: TlsSettings } = {}): Promise<Listening> {
    const service = new SourceService(this.#deps);
    const server = await listen({
      address: { kind: "tcp", host: "127.0.0.1", port },
      methods: [service.method],
      log: silentLogger,
      clock: systemClock,
      ...(tls === undefined ? {} : { tls }),
    });
    if (server.address.kind !== "tcp") throw new Error("not a TCP address");
    const bound = server.address.port;
    return {
      port: bound,
      address: hostPort("127.0.0.1", bound),
      [Symbol.asyncDispose]: () => server.shutdown(500),
    };
  }

  /** Calls a sink. */
  call(address: string): CallOut {
    return callOut({ ...this.#deps, addresses: [address], authMode: "NONE", meta: this.#deps.headers });
  }
}

export interface Listening extends AsyncDisposable {
  readonly port: number;
  readonly address: string;
}
