import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { silentObserver } from "../../src/distribution/observer.ts";
import { HandOut } from "../../src/distribution/hand-out.ts";
import { Pacer } from "../../src/distribution/pacer.ts";
import { listen } from "../../src/grpc/server.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLogger } from "../../src/lib/logger.ts";
import { Turns } from "../../src/lib/turns.ts";
import { ResponseEncoder } from "../../src/mcp/response.ts";
import { SourceService } from "../../src/mcp/source-service.ts";
import { istioCollections } from "../../src/model/registry.ts";
import { silentRuntimeObserver } from "../../src/runtime/observer.ts";
import { Pipeline } from "../../src/runtime/pipeline.ts";
import { Hub } from "../../src/snapshot/hub.ts";
import type { ResourceDocument } from "../../src/sources/memory/document.ts";
import { MemorySource } from "../../src/sources/memory/source.ts";
import { answerWith, sharedNow } from "../lib/remote.ts";

// A server whose configuration is set by code, wired as the command line does it; and beside it the floor, an echo.

/** Longer than a change takes to reach a sink. */
const ANSWER_AFTER_MS = 15;

const registry = istioCollections();
const source = new MemorySource({ registry });
const hub = new Hub((collection) => registry.get(collection)?.snapshotGroup ?? "default");
const encoder = new ResponseEncoder((collection) => registry.get(collection)!.mcp);

function entry(index: number, revision: number): ResourceDocument {
  const name = `entry-${String(index).padStart(6, "0")}`;
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: {
      name,
      namespace: `bench-${index % 50}`,
      labels: { app: `shop-${index % 200}`, revision: `${revision}` },
    },
    spec: {
      hosts: [`${name}.example.com`, `${name}.internal.example.com`],
      ports: [{ number: 443, name: "https", protocol: "HTTPS" }],
      location: "MESH_EXTERNAL",
      resolution: "STATIC",
      endpoints: [{ address: `192.168.${(index >> 8) & 255}.${index & 255}` }],
    },
  };
}

const abilities = {
  /** Fills the source and serves it; gives the port. */
  async serve(documents: number): Promise<number> {
    source.apply({ set: Array.from({ length: documents }, (_, i) => entry(i, 0)) });
    const turns = new Turns(systemClock);
    const pacer = new Pacer(systemClock);
    await new Promise<void>((onReady) => {
      new Pipeline({
        sources: [source],
        registry,
        hub,
        clock: systemClock,
        log: silentLogger,
        observer: silentRuntimeObserver,
        handOut: new HandOut(turns, pacer),
        onReady,
      }).start();
    });
    const service = new SourceService({
      hub,
      registry,
      clock: systemClock,
      turns,
      pacer,
      encode: (collection, push) => encoder.encode(collection, push),
      observer: silentObserver,
      log: silentLogger,
      headers: [],
    });
    const { address } = await listen({
      address: { kind: "tcp", host: "127.0.0.1", port: 0 },
      methods: [service.method],
      clock: systemClock,
      log: silentLogger,
    });
    if (address.kind !== "tcp") throw new Error("no port");
    return address.port;
  },
  /** Changes one document; gives the time on the shared clock just before, when all is over: the answer must not be in its way. */
  async change({ index, revision }: { readonly index: number; readonly revision: number }): Promise<number> {
    const at = sharedNow();
    source.set(entry(index, revision));
    await wait(ANSWER_AFTER_MS);
    return at;
  },
  /** Gives back whatever comes to the port that this gives. */
  async echo(): Promise<number> {
    const server = createServer({ noDelay: true }, (socket) => socket.pipe(socket));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return address.port;
  },
};

export type MemorySourceAbilities = typeof abilities;

answerWith(abilities);
