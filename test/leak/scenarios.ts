import { create, toBinary } from "@bufbuild/protobuf";
import { Pacer } from "../../src/distribution/pacer.ts";
import { silentObserver } from "../../src/distribution/observer.ts";
import { listen } from "../../src/grpc/server.ts";
import { PlainClient } from "../../src/grpc/testing/harness.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLogger } from "../../src/lib/logger.ts";
import { Turns } from "../../src/lib/turns.ts";
import { SOURCE_STREAM } from "../../src/mcp/protocol.ts";
import { ResponseEncoder } from "../../src/mcp/response.ts";
import { SourceService } from "../../src/mcp/source-service.ts";
import type { Collection } from "../../src/model/names.ts";
import { istioCollections } from "../../src/model/registry.ts";
import { Hub } from "../../src/snapshot/hub.ts";
import { Table } from "../../src/snapshot/table.ts";
import { RequestResourcesSchema } from "../../src/wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import { faultyHub } from "../simulation/faulty-parts.ts";
import { MemoryServer, type Seams, settled } from "../support/memory-server.ts";
import { MemorySink } from "../support/memory-sink.ts";
import { makeResource } from "../support/resources.ts";

/** Does something again and again that should leave nothing behind; `step` is how many times it has been done. */
export interface Scenario {
  step(count: number): Promise<void>;
  end(): Promise<void>;
}

const A = "istio/networking/v1alpha3/gateways" as Collection;
const B = "istio/networking/v1alpha3/serviceentries" as Collection;
const registry = istioCollections();
const kept = { "ns/a": "1", "ns/gone": "1" };

function content(version: number): Map<Collection, Table> {
  const names = Array.from({ length: 20 }, (_, i) => `ns/n${i}`);
  return new Map([
    [A, Table.of(names.map((name) => makeResource(A, name, String(version))))],
    [B, Table.of([makeResource(B, "ns/a", "1")])],
  ]);
}

/** Sinks that come and go on a server in memory, in every manner of leaving, some in the middle of a message. */
function memory(seams: Seams = {}): Scenario {
  const server = new MemoryServer({ registry, seams });
  server.hub.publish("default", content(0));
  return {
    async step(count) {
      const sink = new MemorySink(server, count % 3 === 0 ? 50 : undefined);
      sink.send({ collection: A });
      sink.send({ collection: B, incremental: true, initialResourceVersions: kept });
      server.clock.advance(1);
      await settled();
      sink.call.read(count % 3 === 0 ? 80 : undefined);
      for (const message of sink.unread) sink.ack(message, message.incremental);
      if (count % 100 === 0) server.hub.publish("default", content(count));
      leave(sink, count);
      // Who has said its last word is sent what is due, and reads it.
      for (let round = 0; round < (count % 4 === 3 ? 4 : 1); round++) {
        server.clock.advance(1);
        await settled();
        if (count % 4 === 3) sink.call.read();
      }
    },
    async end() {
      await server.stop();
    },
  };
}

function leave({ call }: MemorySink, count: number): void {
  if (count % 4 === 0) call.cancel();
  else if (count % 4 === 1) call.lose();
  else if (count % 4 === 2) call.reset(2);
  else {
    call.halfClose();
    call.read();
  }
}

/** The same over the loopback interface, by clients of `node:http2`, each with a connection of its own. */
async function loopback(): Promise<Scenario> {
  const hub = new Hub(() => "default");
  hub.publish("default", content(0));
  const encoder = new ResponseEncoder(() => "1.3");
  const service = new SourceService({
    hub,
    registry,
    clock: systemClock,
    turns: new Turns(systemClock),
    pacer: new Pacer(systemClock),
    encode: (feed, push) => encoder.encode(feed, push),
    observer: silentObserver,
    log: silentLogger,
    headers: [],
  });
  const address = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;
  const server = await listen({ address, methods: [service.method], clock: systemClock, log: silentLogger });
  const port = server.address.kind === "tcp" ? server.address.port : 0;
  return {
    async step(count) {
      await using client = new PlainClient(port);
      const call = client.call(SOURCE_STREAM);
      call.send(toBinary(RequestResourcesSchema, create(RequestResourcesSchema, { collection: A })));
      await call.until(() => call.messages.length > 0 || call.closed);
      if (call.closed) throw new Error("the server closed the call");
      if (count % 2 === 0) {
        call.reset();
        await call.until(() => call.closed);
      }
    },
    async end() {
      while (service.sinkCount > 0) await settled();
      await server.shutdown(1000);
    },
  };
}

/** Snapshots that are published while a sink has asked for them and reads nothing (I11). */
function publishes(): Scenario {
  const server = new MemoryServer({ registry });
  const sink = new MemorySink(server, 50);
  sink.send({ collection: A });
  return {
    async step(count) {
      server.hub.publish("default", content(count));
      server.clock.advance(1);
      await settled();
      if (server.turns.waiting > 1) throw new Error(`${server.turns.waiting} turns wait for one sink`);
    },
    async end() {
      if (!sink.call.isSending) throw new Error("the sink was not sent anything");
      await server.stop();
    },
  };
}

export const scenarios: Readonly<Record<string, () => Scenario | Promise<Scenario>>> = {
  memory: () => memory(),
  loopback,
  publishes,
  /** A server that keeps the sessions of sinks that left: it shows that the measurement would notice. */
  forgetful: () => memory(faultyHub({ keepsWatchers: true })),
};
