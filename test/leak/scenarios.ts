import { create, toBinary } from "@bufbuild/protobuf";
import { PlainClient } from "../../src/grpc/testing/harness.ts";
import { SOURCE_STREAM } from "../../src/mcp/protocol.ts";
import type { Collection } from "../../src/model/names.ts";
import { istioCollections } from "../../src/model/registry.ts";
import { Table } from "../../src/snapshot/table.ts";
import { RequestResourcesSchema } from "../../src/wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import { faultyHub } from "../simulation/faulty-parts.ts";
import { MemoryServer, type Seams, settled } from "../support/memory-server.ts";
import { MemorySink } from "../support/memory-sink.ts";
import { makeResource } from "../support/resources.ts";
import { TestServer } from "../support/test-server.ts";

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
  const server = await TestServer.start();
  server.hub.publish("default", content(0));
  const port = server.grpc.address.kind === "tcp" ? server.grpc.address.port : 0;
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
      await server.sinks(0);
      await server[Symbol.asyncDispose]();
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
