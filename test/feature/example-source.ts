import { hostPort } from "../../src/grpc/address.ts";
import type { TlsSettings } from "../../src/grpc/tls.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLogger } from "../../src/lib/logger.ts";
import { callOut } from "../../src/mcp/callout/callout.ts";
import { VERSION_HEADER } from "../../src/mcp/protocol.ts";
import type { Collection } from "../../src/model/names.ts";
import { decodeDocument } from "../../src/model/decode.ts";
import { istioCollections } from "../../src/model/registry.ts";
import type { Resource } from "../../src/model/resource.ts";
import { openListener } from "../../src/server/listener.ts";
import { createServingPath, groupOf } from "../../src/server/serving-path.ts";
import { Hub } from "../../src/snapshot/hub.ts";
import { Table } from "../../src/snapshot/table.ts";

const registry = istioCollections();

/** A source with documents of the test's own, on the real transport. */
export class ExampleSource {
  readonly #hub = new Hub(groupOf(registry));
  readonly #shared = {
    sources: [],
    registry,
    hub: this.#hub,
    clock: systemClock,
    log: silentLogger,
    mcp: { headers: [[VERSION_HEADER, "example"]] },
  } as const;

  /** Publishes exactly these documents; every collection is there, most are empty. */
  publish(...documents: readonly unknown[]): void {
    const resources = new Map<Collection, Resource[]>(registry.all.map((spec) => [spec.name, []]));
    for (const document of documents) {
      const decoded = decodeDocument(document, registry, { describe: () => "example" });
      if (!decoded.ok || decoded.value === undefined) throw new Error(JSON.stringify(decoded.issues));
      resources.get(decoded.value.collection)!.push(decoded.value);
    }
    this.#hub.publish("default", new Map([...resources].map(([name, list]) => [name, Table.of(list)])));
  }

  /** Listens for sinks on loopback. */
  async serve({ port = 0, tls }: { port?: number; tls?: TlsSettings } = {}): Promise<Listening> {
    const path = createServingPath(this.#shared);
    const server = await openListener(path, {
      protocols: "all",
      address: { kind: "tcp", host: "127.0.0.1", port },
      log: silentLogger,
      ...(tls === undefined ? {} : { tls }),
    });
    if (server.address.kind !== "tcp") throw new Error("not a TCP address");
    const bound = server.address.port;
    return {
      port: bound,
      address: hostPort("127.0.0.1", bound),
      async [Symbol.asyncDispose]() {
        await server.shutdown(500);
        await path.streams[Symbol.asyncDispose]();
      },
    };
  }

  /** Calls a sink. */
  call(address: string): AsyncDisposable {
    const call = { addresses: [address], authMode: "NONE" } as const;
    return createServingPath({
      ...this.#shared,
      callOut: (deps) => callOut({ ...deps, ...call, meta: deps.headers }),
    }).streams;
  }
}

export interface Listening extends AsyncDisposable {
  readonly port: number;
  readonly address: string;
}
